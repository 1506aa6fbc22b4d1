import assert from "node:assert/strict";
import { test } from "node:test";
import { Tally } from "../src/tally";
import { run } from "./states";

test("the newest run comes first, as it was told last", () => {
  const tally = new Tally();
  tally.hear(run({ id: "old", began: 1 }), 0);
  tally.hear(run({ id: "new", began: 2 }), 0);
  tally.hear(run({ id: "old", began: 1, calls: 5 }), 9);
  assert.deepEqual(tally.all.map(({ run: { id, calls }, at }) => [id, calls, at]), [["new", 0, 0], ["old", 5, 9]]);
});

test("agents at work are counted in runs that go on", () => {
  const tally = new Tally();
  tally.hear(run({ id: "a", total: 5, done: 2, tokens: 10 }), 0);
  tally.hear(run({ id: "b", total: 4, done: 1, tokens: 7, status: "cancelled" }), 0);
  assert.deepEqual(tally.totals, { running: 1, agents: 3, tokens: 17 });
});

test("the model in use is that of the newest run that says it", () => {
  const tally = new Tally();
  tally.hear(run({ id: "new", began: 2, model: "b" }), 0);
  tally.hear(run({ id: "old", began: 1, model: "a" }), 0);
  tally.hear(run({ id: "newer", began: 3, model: "" }), 0);
  tally.clear();
  assert.equal(tally.model, "b");
});

test("tokens of the session outlive the server", () => {
  const tally = new Tally();
  tally.hear(run({ tokens: 10 }), 0);
  tally.hear(run({ tokens: 12 }), 1);
  tally.clear();
  assert.deepEqual([tally.all.length, tally.has("r1"), tally.totals], [0, false, { running: 0, agents: 0, tokens: 12 }]);
});
