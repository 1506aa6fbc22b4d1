import assert from "node:assert/strict";
import { test } from "node:test";
import { fenced, transcript } from "../src/transcript";

const CALL = {
  step: "write",
  at: 0,
  messages: [{ role: "system", content: "Write." }, { role: "user", content: "```python\nx\n```" }],
  reply: "````\ny\n````\n",
  promptTokens: 812,
  completionTokens: 1290,
} as const;

test("calls, messages and replies have headings", () => {
  const told = transcript("post (child a1)", [CALL, { ...CALL, step: "repair", reply: null }]);
  const headings = told.split("\n").filter((one) => one.startsWith("#"));
  const [title, first, ...rest] = headings;
  assert.equal(title, "# post (child a1)");
  assert.match(first ?? "", /^## 1\. writing · \d\d:\d\d:\d\d · 812 \+ 1\.3k tokens$/);
  assert.deepEqual(rest.slice(0, 3), ["### system", "### user", "### reply"]);
  assert.match(rest[3] ?? "", /^## 2\. repairing · \d\d:\d\d:\d\d$/);
  assert.match(told, /Not answered yet\.\n$/);
});

test("no fence inside ends a message", () => {
  assert.equal(fenced("a"), "```markdown\na\n```");
  assert.equal(fenced("```python\nx\n```"), "````markdown\n```python\nx\n```\n````");
  assert.equal(fenced("`````\n"), "``````markdown\n`````\n``````");
});

test("says so when there is nothing", () => {
  assert.equal(transcript("t", []), "# t\n\nNo calls yet.\n");
  assert.equal(transcript("t", [], "The server is not running."), "# t\n\nThe server is not running.\n");
});
