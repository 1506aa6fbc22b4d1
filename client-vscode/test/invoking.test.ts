import assert from "node:assert/strict";
import { test } from "node:test";
import { advice, commandArguments } from "../src/invoking";

const HERE = { uri: "file:///a.py", position: { line: 3, character: 4 } };

test("what the server's own lenses say is passed on as it is", () => {
  const stub = { uri: "file:///b.py", name: "f" };
  assert.deepEqual(commandArguments("soa.accept", [stub], HERE), [stub]);
  assert.deepEqual(commandArguments("soa.cancel", [{ run: "r1", agent: "a2" }], undefined), [{ run: "r1", agent: "a2" }]);
  assert.deepEqual(commandArguments("soa.implementWorkspace", [{ folders: ["file:///w"] }], HERE), [{ folders: ["file:///w"] }]);
});

test("from the palette a command is for the stub at the cursor", () => {
  assert.deepEqual(commandArguments("soa.implement", [], HERE), [HERE]);
  assert.deepEqual(commandArguments("soa.implementFile", [], HERE), [{ uri: "file:///a.py" }]);
});

test("what menus add is not for the server", () => {
  const title = [{ scheme: "soa-proposal", path: "/a.py" }, { groupId: 0 }];
  assert.deepEqual(commandArguments("soa.reject", title, { uri: "file:///a.py", name: "f" }), [{ uri: "file:///a.py", name: "f" }]);
  assert.deepEqual(commandArguments("soa.cancel", [undefined], undefined), []);
});

test("a row says whose stub or transcript is meant", () => {
  assert.deepEqual(commandArguments("soa.goToStub", ["run/r1/a2", undefined], HERE), [{ run: "r1", agent: "a2" }]);
  assert.deepEqual(commandArguments("soa.goToStub", ["past/r1"], HERE), [{ run: "r1" }]);
  assert.deepEqual(commandArguments("soa.showExchanges", [{ run: "r1", agent: "a1" }], HERE), [{ run: "r1", agent: "a1" }]);
  assert.equal(commandArguments("soa.showExchanges", [undefined], HERE), undefined);
  assert.match(advice("soa.showExchanges"), /row/);
  assert.match(advice("soa.implement"), /cursor/);
});

test("some commands need no place, others cannot do without", () => {
  assert.deepEqual(commandArguments("soa.cancel", [], undefined), []);
  assert.deepEqual(commandArguments("soa.implementWorkspace", [], undefined), []);
  assert.equal(commandArguments("soa.implement", [], undefined), undefined);
});
