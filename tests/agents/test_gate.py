"""What is refused without being run, and that nothing good is."""

from __future__ import annotations

import argparse
import asyncio.tasks
import bisect
import calendar
import cmd
import collections
import configparser
import contextlib
import copy
import csv
import dataclasses
import difflib
import fractions
import functools
import heapq
import importlib
import ipaddress
import json.decoder
import logging
import poplib
import queue
import shlex
import shutil
import ssl
import statistics
import string
import subprocess
import tempfile
import textwrap
import threading
import zipfile
from pathlib import Path

import attr
import click
import pytest
import rich

from contracting import contract_of
from roundtrip import strip
from soa.agents.gate import leftover_stubs, module_needs, problems
from soa.agents.harvest import Known, harvest
from soa.agents.names import Module, bindings_of
from soa.agents.pieces import parse
from soa.agents.replies import Refusal, read_reply
from soa.contracts import Candidate, Helper
from soa.source.definitions import Definition, class_names, definitions
from soa.source.scopes import visible_names
from soa.source.stubs import find_stubs

STUB = 'def work(a, b=1):\n    """Do."""\n'
METHOD = 'class Box:\n    def work(self, a):\n        """Do."""\n'


def refused(
    body: str,
    *helpers: tuple[str, str],
    stub: str = STUB,
    names: frozenset[str] = frozenset(),
    existing: dict[str, str] | None = None,
    imports: tuple[str, ...] = (),
) -> tuple[str, ...]:
    candidate = Candidate(body, tuple(Helper(n, s) for n, s in helpers), imports)
    return problems(candidate, contract_of(stub), Known(names, functions=existing or {}))


def test_good_code_passes():
    helper = ("_h", "def _h(x):\n    return math.pi * x")
    assert refused("return _h(a) + b", helper, imports=("import math",)) == ()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return (", "never closed"),
        ("return a +", "invalid syntax"),
        ("await a", "outside async function"),
        ("break", "outside loop"),
        ("nonlocal a\na = 1", "'a' is parameter and nonlocal"),
        ("global a", "'a' is parameter and global"),
        ("x = 1\nglobal x", "before global declaration"),
        ("return [*a for a in b]", "iterable unpacking cannot be used"),
        ("from os import *", "import * only allowed at module level"),
        ("return " + "-" * 500 + "a", "nested too deeply"),
        ("return a" + ".b" * 900, "nested too deeply"),
        ("return '\0'", "null bytes"),
        ("f(a)(b) = 1", "cannot assign"),
    ],
)
def test_code_that_does_not_compile_is_refused(body, words):
    found = refused(body)
    assert "does not compile" in found[0]
    assert words in found[0]


def test_what_needs_a_function_around_compiles():
    assert refused("yield a\nreturn b") == ()
    stub = 'class A:\n    async def work(self):\n        """Do."""\n'
    assert refused("async for x in self:\n    yield x\nawait self", stub=stub) == ()
    assert refused("return super().work(), __class__, self.__x", stub=METHOD) == ()


def test_undefined_names_are_told_but_not_all_at_once():
    assert refused("return nope") == ("The name `nope` is not defined anywhere: import or define it.",)
    assert len(refused("return a1, a2, a3, a4, a5, a6")) == 4


def test_members_are_used_on_the_object():
    contract = contract_of(METHOD)
    known = Known(members=frozenset(["_seen", "_size"]))
    assert problems(Candidate("return self._seen"), contract, known) == ()
    [reason] = problems(Candidate("return _seen(a)"), contract, known)
    assert "`_seen` is a member of the class" in reason
    header = Helper("_h", "def _h(self, n=_size):\n    return n", "class")
    assert problems(Candidate("return self._h()", (header,)), contract, known) == ()


def test_future_imports_may_come_in_any_order():
    imports = ("import re", "from __future__ import annotations")
    assert refused("return re, _h", ("_h", "def _h(x: int) -> None:\n    pass"), imports=imports) == ()


def test_star_imports_are_refused():
    [reason] = refused("return 1", imports=("from os import *",))
    assert "instead of `*`" in reason


EXISTING = {
    "double": 'def double(n: int) -> int:\n    """Twice."""\n    return n * 2\n',
    "Other.twice": "def twice(self, n):\n    return n * 3\n",
    "Box.thrice": "def thrice(self, n):\n    return n * 4\n",
    "work": STUB,
    "broken": "def broken(:\n",
}


def test_a_helper_that_repeats_a_function_is_refused():
    same = ("_twice", "def _twice(value):\n    # two times\n    return value * 2")
    [reason] = refused("return _twice(a)", same, existing=EXISTING)
    assert reason == "The helper `_twice` repeats `double`, which exists: call that instead."


@pytest.mark.parametrize(
    "source",
    [
        "def _h(n):\n    return n * 5",
        "def _h(n, m):\n    return n * 2",
        "def _h(*n):\n    return n * 2",
        "def _h(n=1):\n    return n * 2",
        "def _h(self, n):\n    return n * 3",
        "def _h(self, n):\n    return n * 4",
        "_h = lambda n: n * 2",
        'def _h(n):\n    """Twice."""',
    ],
)
def test_a_helper_that_only_looks_like_one_passes(source):
    assert not [r for r in refused("return _h(a)", ("_h", source), existing=EXISTING) if "repeats" in r]


def test_a_method_can_call_what_its_class_has():
    helper = ("_h", "def _h(me, x):\n    return x * 4")
    [reason] = refused("return self._h(a)", helper, stub=METHOD, existing=EXISTING)
    assert "repeats `Box.thrice`" in reason


@pytest.mark.parametrize(
    ("source", "leftover"),
    [
        ('def _h(x):\n    """Doc."""', True),
        ('def _h(x):\n    """Doc."""\n    ...', True),
        ('def _h(x):\n    """Doc."""\n    pass', True),
        ("def _h(x): ...", True),
        ("async def _h(x):\n    raise NotImplementedError", True),
        ("def _h(x):\n    raise NotImplementedError('later')", True),
        ("def _h(x): pass", False),
        ('def _h(x):\n    """Doc."""\n    return x', False),
        ("def _h(x):\n    raise ValueError", False),
        ("_h = 1", False),
        ("class _h:\n    pass", False),
        ("def _h[T](x: T) -> T: ...", True),
    ],
)
def test_helpers_without_a_body_are_left_over(source, leftover):
    assert bool(leftover_stubs(Candidate("return 1", (Helper("_h", source),)))) is leftover


@pytest.mark.parametrize(
    ("body", "helper", "name"),
    [
        ('def inner(x):\n    """Doc."""\nreturn inner', "_H = 1", "inner"),
        ("return _H", 'class _H:\n    def go(self):\n        """Doc."""\n        ...', "_H.go"),
        (
            "return _H()",
            'def _H():\n    def go():\n        """Doc."""\n        raise NotImplementedError\n    return go',
            "_H.go",
        ),
    ],
)
def test_stubs_inside_of_what_was_written_are_refused(body, helper, name):
    assert refused(body, ("_H", helper)) == (f"`{name}` has no body: write it out.",)


def test_what_is_meant_to_be_empty_passes():
    helper = ("_P", 'class _P(Protocol):\n    def go(self):\n        """Doc."""\n        ...')
    body = "def noop(x): pass\nclass A:\n    @abstractmethod\n    def f(self):\n        '''Doc.'''\nreturn noop, _P, A"
    assert refused(body, helper, names=frozenset(["Protocol", "abstractmethod"])) == ()


def test_what_modules_a_candidate_needs():
    candidate = Candidate("return js.dumps(a), re.I", (Helper("_h", "_h = os.sep"),), ("import re", "from x import y"))
    found = module_needs(candidate, contract_of(STUB), {"js": Module("json"), "os": Module("os")})
    assert set(found) == {
        Module("re"), Module("x", "y"), Module("json", "dumps"), Module("re", "I"), Module("os", "sep"),
    }  # fmt: skip


MODULES = (
    argparse, asyncio.tasks, bisect, calendar, cmd, collections, configparser, contextlib, copy, csv, dataclasses,
    difflib, fractions, functools, heapq, ipaddress, json.decoder, logging, poplib, queue, shlex, shutil, ssl,
    statistics, string, subprocess, tempfile, textwrap, threading, zipfile,
)  # fmt: skip
PARTS = (
    (attr, ("_make", "_cmp", "validators")),
    (click, ("core", "types", "utils", "formatting")),
    (rich, ("console", "pretty", "text", "table", "progress", "style")),
)
PATHS = [Path(m.__file__) for m in MODULES] + [Path(m.__file__).with_name(f"{n}.py") for m, ns in PARTS for n in ns]


def imports_of(text: str) -> dict[str, Module]:
    """What a text imports at its top level."""
    return {name: module for node in parse(text).body for name, module in bindings_of(node).items()}


@pytest.mark.parametrize("path", PATHS, ids=lambda p: f"{p.parent.name}.{p.stem}")
def test_real_code_is_never_refused(path):
    original = path.read_text(encoding="utf-8")
    text = strip(original)
    page = [d for d in definitions(text) if d.kind == "function"]
    sources = {d.qualname: textwrap.dedent(lines_of(text, d)) for d in page}
    imported, names, members = imports_of(text), visible_names(text, ""), functools.cache(class_names)
    originals = definitions(original)
    for stub in find_stubs(text):
        contract = stub.contract
        owner = contract.qualname.rpartition(".")[0]
        known = Known(names, members(text, owner) if owner else frozenset(), "package.module", sources)
        found = [d for d in originals if d.qualname == contract.qualname]
        answer = read_reply(lines_of(original, found[0]) if len(found) == 1 else original, contract)
        if isinstance(answer, Refusal):
            assert "still empty" in answer.reason
            continue
        taken = harvest(answer, contract, known)
        assert (taken.candidate.helpers, taken.unused, taken.repeated) == ((), (), ())
        assert problems(taken.candidate, contract, known) == ()
        for module in module_needs(taken.candidate, contract, imported):
            assert module.name.startswith(".") or exists(module), (contract.qualname, module)


def lines_of(text: str, definition: Definition) -> str:
    """A definition as it stands in its file."""
    return text[text.rfind("\n", 0, definition.span.start) + 1 : definition.span.end]


def exists(module: Module) -> bool:
    """Whether this interpreter has it."""
    try:
        value = importlib.import_module(module.name)
    except ModuleNotFoundError:
        return False
    inner = Module(f"{module.name}.{module.attribute}")
    return not module.attribute or hasattr(value, module.attribute) or exists(inner)
