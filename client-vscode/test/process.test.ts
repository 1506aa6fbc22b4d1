import assert from "node:assert/strict";
import { test } from "node:test";
import { type Program, outputOf } from "../src/process";

const NEVER = new AbortController().signal;

function node(code: string, env: NodeJS.ProcessEnv = {}): Program {
  return { command: process.execPath, args: ["-e", code], env: { ...process.env, ...env } };
}

test("what a program writes is its answer, whatever its status", async () => {
  assert.equal(await outputOf(node("process.stdout.write('[1]'); process.exitCode = 1"), ".", NEVER), "[1]");
});

test("it runs where and with what it is told", async () => {
  const code = "process.stdout.write(process.cwd() + process.env.GIVEN)";
  assert.equal(await outputOf(node(code, { GIVEN: "key" }), "/", NEVER), "/key");
});

test("a program without an answer is told about in a sentence, with what it said last", async () => {
  const failing = node("console.error('first'); console.error('the reason'); process.exitCode = 2");
  await assert.rejects(outputOf(failing, ".", NEVER), /gave no answer: the reason$/);
});

test("a program that is not there is told about as well", async () => {
  await assert.rejects(outputOf({ command: "/nowhere/python", args: [], env: {} }, ".", NEVER), /gave no answer: .*ENOENT/);
});

test("a cancelled program ends and has no answer", async () => {
  const stop = new AbortController();
  const waiting = outputOf(node("process.stdout.write('x'); setInterval(() => 0, 1000)"), ".", stop.signal);
  stop.abort();
  await assert.rejects(waiting, /gave no answer/);
});

test("what was cancelled before does not start", async () => {
  await assert.rejects(outputOf(node("process.stdout.write('x')"), ".", AbortSignal.abort()), /gave no answer/);
});
