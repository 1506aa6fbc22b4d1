import assert from "node:assert/strict";
import { test } from "node:test";
import { firstChange, locate } from "../src/locate";

const TEXT = `import os

def post():
    """Not this:

    class Ledger:
        def post(self): ...
    """
    'def hidden(): ...'  # def hidden(): ...

class Ledger:
    class Line:
        def post(self): pass

    @overload
    def post(self, a: int): ...
    @property
    async def post(self, a):
        """Post \\""" it."""
        def inner(): ...

    def größe(self): ...

def after(): ...
`;

const lineOf = (name: string) => locate(TEXT, [name]);

test("a qualified name is found where it is defined, not where text looks like it", () => {
  const names = ["post", "Ledger", "Ledger.Line.post", "Ledger.post", "Ledger.post.inner", "after"];
  assert.deepEqual(names.map(lineOf), [2, 10, 12, 17, 19, 23]);
  assert.equal(lineOf("hidden"), undefined);
  assert.equal(lineOf("Ledger.after"), undefined);
});

test("names are compared as Python compares them", () => {
  assert.equal(lineOf("Ledger.gro\u0308ße"), 21);
});

test("a helper that is not there yet leads to its nearest mother", () => {
  assert.equal(locate(TEXT, ["_helper", "_mother", "Ledger.post", "after"]), 17);
  assert.equal(locate("", ["_helper"]), undefined);
});

test("line ends of all kinds count, and an open string hides nothing after it", () => {
  assert.equal(locate("\ufeff# a\r\nx = 1\rdef f(): ...\n", ["f"]), 2);
  assert.equal(locate('"""open\ndef f(): ...\n', ["f"]), 1);
});

test("what is new in a function begins behind its docstring", () => {
  const before = 'x = 1\ndef f():\n    """F."""\n    ...\n';
  const after = 'import re\n\nx = 1\ndef f():\n    """F."""\n    return re\n';
  assert.deepEqual([firstChange(before, after, "f"), firstChange(before, before, "f"), firstChange(before, after, "g")], [5, 1, 0]);
});
