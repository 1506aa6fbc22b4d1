import assert from "node:assert/strict";
import { test } from "node:test";
import { entries, itemText, modelName, type Standing } from "../src/standing";

const IDLE: Standing = { server: "running", trusted: true, model: "qwen", totals: { running: 0, agents: 0, tokens: 0 } };
const BUSY: Standing = { ...IDLE, totals: { running: 1, agents: 3, tokens: 4096 } };
const offered = (standing: Standing) => entries(standing).map(({ command }) => command);

test("the item says the model, and what goes on", () => {
  assert.deepEqual(itemText(IDLE), ["sparkle", "SoA: qwen"]);
  assert.deepEqual(itemText(BUSY), ["loading~spin", "SoA: qwen · 3 agents · 4.1k tokens"]);
  assert.deepEqual(itemText({ ...IDLE, trusted: false }), ["shield", "SoA: untrusted"]);
  assert.deepEqual(itemText({ ...IDLE, trusted: false, server: "failed" }), ["warning", "SoA: server failed"]);
});

test("a model's name fits", () => {
  assert.deepEqual([modelName(""), modelName("recorded:/tmp/replies.txt")], ["automatic", "recorded replies"]);
  assert.equal(modelName("Qwen/Qwen2.5-Coder-32B-Instruct-GGUF").length, 28);
});

test("the menu has only what applies", () => {
  assert.equal(offered(BUSY)[0], "soa.cancel");
  assert.ok(!offered(IDLE).includes("soa.cancel"));
  assert.deepEqual(offered({ ...IDLE, trusted: false }), ["workbench.trust.manage", "soa.setKey", "soa.restart", "soa.showLog"]);
  assert.equal(offered({ ...IDLE, server: "failed" })[0], "soa.restart");
  for (const server of ["stopped", "starting", "running", "failed"] as const) {
    assert.ok(offered({ ...IDLE, server }).filter((command) => command === "soa.restart").length <= 1);
  }
});
