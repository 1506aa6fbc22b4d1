import assert from "node:assert/strict";
import { test } from "node:test";
import { below, fromId, idOf, type Node, row } from "../src/tree";
import { agent, run } from "./states";

const helper = agent({ id: "a3", target: "src/ledger.py::_check", doing: "repair" });
const middle = agent({ id: "a2", role: "mother", target: "src/ledger.py::_split", below: [helper] });
const mother = agent({ role: "mother", doing: "skeleton", tokens: 812, seconds: 2, passed: 2, failed: 1, below: [middle] });
const now: Node = { run: run({ agents: [mother], total: 3, done: 1, tokens: 4096, seconds: 11, passed: 12 }), at: 5000, past: false };

const family = (node: Node): Node[] => [node, ...below(node).flatMap(family)];

test("an id leads back to the run and the agent", () => {
  const [node] = below(now);
  assert.ok(node);
  assert.deepEqual([fromId(idOf(now)), fromId(idOf({ ...node, past: true }))], [{ run: "r1" }, { run: "r1", agent: "a1" }]);
});

test("agents stand below their mothers", () => {
  const [first] = below(now);
  assert.ok(first);
  const [second] = below(first);
  assert.ok(second);
  const [third] = below(second);
  assert.equal(third?.agent?.target, "src/ledger.py::_check");
});

test("a run says how far it is, and its seconds go on", () => {
  const { label, description, context, opens } = row(now, 6000);
  assert.deepEqual([label, context, opens], ["Ledger.post", "run.running", "Expanded"]);
  assert.equal(description, "1/3 agents · 12/12 tests · 12 s · 4.1k tokens");
});

test("an agent says who it is and what it does", () => {
  const [node] = below(now);
  assert.ok(node);
  const shown = row(node, 5100);
  assert.equal(shown.description, "drafting a skeleton · 2/3 tests · 2.1 s · 812 tokens · mother");
  assert.equal(shown.spoken, "Ledger.post, running, drafting a skeleton, 2 of 3 tests, 2.1 seconds, 812 tokens, mother");
  assert.deepEqual([shown.context, shown.opens], ["agent.running", "Expanded"]);
});

test("where there was no sandbox, tests say so: those of the run, and those of each agent", () => {
  const node = { ...now, run: { ...now.run, sandbox: "process" } };
  const [first] = below(node);
  assert.ok(first);
  assert.match(row(node, 6000).description, /· 12\/12 tests, ran without a sandbox ·/);
  assert.match(row(first, 6000).description, /· 2\/3 tests, ran without a sandbox ·/);
});

test("no two nodes have the same id, and none changes it", () => {
  const nodes = [...family(now), ...family({ ...now, past: true })];
  assert.equal(nodes.length, 8);
  assert.equal(new Set(nodes.map(idOf)).size, 8);
  const later = family({ ...now, at: 9, run: { ...now.run, status: "done" } });
  assert.deepEqual(later.map(idOf), ["run/r1", "run/r1/a1", "run/r1/a2", "run/r1/a3"]);
});

test("who has agents below at work waits for them, and is drawn as another row from then on", () => {
  const alone = { run: run({ agents: [agent({ role: "mother", doing: "reading" })] }), at: 0, past: false };
  const together = { ...alone, run: run({ agents: [agent({ role: "mother", doing: "reading", below: [helper] })] }) };
  const [before, after] = [alone, together].map((one) => below(one).map((node) => row(node, 0))[0]);
  assert.deepEqual([before?.description, after?.description], ["checking · 0.0 s · mother", "waiting · 0.0 s · mother"]);
  assert.deepEqual([before?.opens, after?.opens], ["None", "Expanded"]);
  assert.notEqual(before?.key, after?.key);
});

test("what has ended stands still", () => {
  const ended = run({ status: "cancelled", agents: [agent({ seconds: 3 })], seconds: 7 });
  const node = { run: ended, at: 0, past: false };
  assert.match(row(node, 99_000).description, / · 7\.0 s$/);
  const [lost] = below(node);
  assert.ok(lost);
  const { context, description, state } = row(lost, 99_000);
  assert.deepEqual([context, state], ["agent.ended", "cancelled"]);
  assert.match(description, /^3\.0 s · child$/);
});

test("a run that is done is as good as the worst of its stubs", () => {
  const state = (...ends: ("verified" | "unverified" | "failed")[]) => {
    const agents = ends.map((status) => agent({ status }));
    return row({ run: run({ status: "done", agents }), at: 0, past: false }, 0).state;
  };
  assert.deepEqual([state("verified"), state("verified", "unverified"), state("failed", "verified"), state()],
    ["verified", "unverified", "failed", "done"]);
});

test("tests, seconds and tokens come before why it did not go well; the icon says how it ended", () => {
  const done = { passed: 2, failed: 4, tokens: 812, seconds: 3, reason: "4 of 6 tests failed" };
  const said = (status: string) => {
    const [node] = below({ run: run({ agents: [agent({ ...done, status })] }), at: 0, past: false });
    assert.ok(node);
    const { description, spoken, tooltip } = row(node, 0);
    return [description, spoken.split(", ")[1], tooltip.split("\n")[1]];
  };
  const numbers = "2/6 tests · 3.0 s · 812 tokens · child";
  assert.deepEqual(said("verified"), [numbers, "verified", `verified · ${numbers}`]);
  assert.deepEqual(said("failed"), [`${numbers} · 4 of 6 tests failed`, "failed", `failed · ${numbers}`]);
});

test("a run of an earlier session says when it was", () => {
  const { description, context, opens } = row({ run: run({ status: "done" }), at: 0, past: true }, 2000_000);
  const when = new Date(1000_000).toLocaleString(undefined, { dateStyle: "short", timeStyle: "short" });
  assert.deepEqual([description, context, opens], [`1 agent · ${when}`, "run.past", "Collapsed"]);
});
