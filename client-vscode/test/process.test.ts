import assert from "node:assert/strict";
import { test } from "node:test";
import { type Program, outputOf, ProgramFailed } from "../src/process";

const NEVER = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose: () => undefined }) };

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
  await assert.rejects(outputOf(failing, ".", NEVER), (error: Error) => {
    assert.ok(error instanceof ProgramFailed);
    assert.match(error.message, /gave no answer: the reason$/);
    return true;
  });
});

test("a program that is not there is told about as well", async () => {
  await assert.rejects(outputOf({ command: "/nowhere/python", args: [], env: {} }, ".", NEVER), ProgramFailed);
});

test("a cancelled program ends and has no answer", async () => {
  const heard: ((event: unknown) => unknown)[] = [];
  const listen = (listener: (event: unknown) => unknown) => {
    heard.push(listener);
    return { dispose: () => undefined };
  };
  const waiting = outputOf(node("setInterval(() => 0, 1000)"), ".", { ...NEVER, onCancellationRequested: listen });
  for (const listener of heard) listener(undefined);
  assert.equal(await waiting, undefined);
});

test("what was cancelled before does not start", async () => {
  assert.equal(await outputOf(node("process.stdout.write('x')"), ".", { ...NEVER, isCancellationRequested: true }), undefined);
});
