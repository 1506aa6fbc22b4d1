import assert from "node:assert/strict";
import { test } from "node:test";
import { aloud, doing, duration, line, plural, tests, tokens } from "../src/wording";

test("counts are short", () => {
  const counts = [0, 1, 999, 1000, 4096, 12_000, 99_960, 999_499, 999_500, 2_500_000].map(tokens);
  assert.deepEqual(counts.map((one) => one.split(" ")[0]), ["", "1", "999", "1k", "4.1k", "12k", "100k", "999k", "1M", "2.5M"]);
  assert.deepEqual([tokens(1), tokens(4096), plural(1, "agent"), plural(0, "agent")], ["1 token", "4.1k tokens", "1 agent", "0 agents"]);
});

test("times have the precision that matters", () => {
  assert.deepEqual([0, 2.14, 9.96, 75, 119.6, 720].map(duration), ["0.0 s", "2.1 s", "10 s", "75 s", "2 min", "12 min"]);
});

test("what nobody ran is not said", () => {
  assert.equal(tests(0, 0, "process"), "");
  assert.equal(line("child", "writing", tests(3, 0, "zygote"), tests(0, 0, "")), "child · writing · 3/3 tests");
});

test("steps are said as what somebody does, and unknown ones as they are", () => {
  assert.deepEqual(["write", "skeleton", "waiting", "toString"].map(doing), ["writing", "drafting a skeleton", "waiting", "toString"]);
});

test("a screen reader gets words", () => {
  const said = "2/5 agents · 12/12 tests · 4.1k tokens · 12 s";
  assert.equal(aloud(said), "2 of 5 agents, 12 of 12 tests, 4.1k tokens, 12 seconds");
});
