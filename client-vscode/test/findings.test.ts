import assert from "node:assert/strict";
import { test } from "node:test";
import { asSettings, type Finding, flags, plain, read, sections, troubles } from "../src/findings";

function finding(part: string, what: string, works: boolean, advice = "", detail = ""): Finding {
  return { part, what, works, detail, advice };
}

test("the doctor is told the settings that it has flags for", () => {
  const settings = { model: "m", baseUrl: "http://h/v1", sandbox: "auto", python: undefined, depth: 3 };
  assert.deepEqual(flags(settings), ["--model=m", "--base-url=http://h/v1", "--sandbox=auto"]);
});

test("what is no list of findings is refused with a sentence", () => {
  assert.deepEqual(read("[]"), []);
  assert.throws(() => read("{}"), /cannot be read/);
  assert.throws(() => read("Traceback"), /cannot be read/);
  assert.throws(() => read("null"), /cannot be read/);
});

test("why there are no findings is said", () => {
  const error = { message: "pyproject.toml cannot be read: line 1.", advice: "Correct it." };
  assert.throws(() => read(JSON.stringify({ error })), { message: "pyproject.toml cannot be read: line 1. Correct it." });
});

test("a part is in trouble if nothing of it works", () => {
  const found = [finding("model", "a", false), finding("model", "b", true), finding("store", "s", false)];
  assert.deepEqual(troubles(found, undefined), ["store"]);
});

test("a plain process is no sandbox, unless it was chosen", () => {
  const found = [finding("sandbox", "zygote", false), finding("sandbox", "process", true)];
  assert.deepEqual(troubles(found, "auto"), ["sandbox"]);
  assert.deepEqual(troubles(found, "process"), []);
});

test("findings are written part by part, with what to do", () => {
  const page = sections([
    finding("model", "Ollama at http://h/v1", false, "It does not run.\nStart it."),
    finding("store", "/s", true),
    finding("model", "other", true, "", "a, b"),
  ]);
  assert.equal(page, [
    "## Model", "✗ **Ollama at http://h/v1**  \nIt does not run.  \nStart it.", "✓ **other**: a, b", "## Store", "✓ **/s**",
  ].join("\n\n"));
});

test("of the kinds of sandbox, the page says which one auto takes", () => {
  const page = sections([{ ...finding("sandbox", "landlock", true, "", "One wall"), automatic: true }]);
  assert.equal(page, "## Sandbox\n\n✓ **landlock**, taken by `auto`: One wall");
});

test("text means nothing in Markdown", () => {
  assert.equal(plain("[a](command:x) <b> *c* __d__"), "\\[a\\](command:x) \\<b\\> \\*c\\* \\_\\_d\\_\\_");
});

test("flags are settings here", () => {
  assert.equal(asSettings("Use it for code that you trust: --sandbox process"), "Use it for code that you trust: soa.sandbox process");
  assert.equal(asSettings("Check --base-url."), "Check soa.baseUrl.");
  assert.equal(asSettings("docker run --security-opt seccomp=unconfined"), "docker run --security-opt seccomp=unconfined");
});
