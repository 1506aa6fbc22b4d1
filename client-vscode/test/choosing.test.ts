import assert from "node:assert/strict";
import { test } from "node:test";
import { editorsName, isAddress, isHosted, meant, nameOf, offers, preferred, problemWith } from "../src/choosing";

const model = (vendor: string, family: string, id: string, name = id) => ({ vendor, family, id, name });
const MINI = model("copilot", "gpt-mini", "gpt-mini-2", "GPT mini");
const LARGE = model("copilot", "large", "large", "The Large");
const OTHER = model("acme", "large", "acme-1", "Large by Acme");
const ALL = [MINI, LARGE, OTHER];

test("a model is meant by its id, its vendor and family, its family or its name", () => {
  assert.deepEqual(meant(ALL, "gpt-mini-2"), [MINI]);
  assert.deepEqual(meant(ALL, "acme/large"), [OTHER]);
  assert.deepEqual(meant(ALL, "GPT-Mini"), [MINI]);
  assert.deepEqual(meant(ALL, "the large"), [LARGE]);
  assert.deepEqual(meant(ALL, "larg"), []);
});

test("an id comes before a family of the same name", () => {
  assert.deepEqual(meant(ALL, "large"), [LARGE]);
});

test("without a name all are meant", () => {
  assert.deepEqual(meant(ALL, ""), ALL);
});

test("allowed models are preferred, then those that were not asked about, in the editor's order", () => {
  const asked = new Map([[MINI, false], [OTHER, true]]);
  assert.equal(preferred(ALL, (one) => asked.get(one)), OTHER);
  assert.equal(preferred([MINI, LARGE], (one) => asked.get(one)), LARGE);
  assert.equal(preferred([MINI], (one) => asked.get(one)), MINI);
  assert.equal(preferred([] as string[], () => true) ?? "none", "none");
});

test("a name that is written to the settings means one model", () => {
  assert.equal(nameOf(MINI, ALL), "gpt-mini");
  assert.equal(nameOf(OTHER, ALL), "acme/large");
  assert.equal(nameOf(OTHER, [OTHER, { ...OTHER, id: "acme-2" }]), "acme-1");
  for (const one of ALL) assert.deepEqual(meant(ALL, nameOf(one, ALL)), [one]);
});

test("only `editor` and `editor:NAME` are the editor's", () => {
  assert.equal(editorsName("editor"), "");
  assert.equal(editorsName("editor:acme/large"), "acme/large");
  assert.equal(editorsName("editorial"), undefined);
  assert.equal(editorsName(""), undefined);
});

const finding = (what: string, base_url: string, ...models: string[]) =>
  ({ part: "model", what, works: true, detail: "", advice: "", models, base_url });
const [ONE, TWO] = ["http://127.0.0.1:1/v1", "http://127.0.0.1:2/v1"];
const OLLAMA = finding(`Ollama at ${ONE}`, ONE, "a", "b");
const listed = (findings: Parameters<typeof offers>[0], free: boolean) =>
  offers(findings, free).map(({ baseUrl, model }) => `${baseUrl} ${model}`);

test("what several places list is offered once for each place", () => {
  const again = { ...OLLAMA, what: `${ONE} (the setting base-url)` };
  assert.deepEqual(listed([again, OLLAMA, finding(`vLLM at ${TWO}`, TWO, "a")], false), [`${ONE} a`, `${ONE} b`, `${TWO} a`]);
});

test("no address is set, and so no key sent, where a server is found by itself", () => {
  const set = finding(`${TWO} (the setting base-url)`, TWO, "b");
  assert.deepEqual(listed([set, OLLAMA], true), [`${TWO} b`, " a", " b"]);
  assert.deepEqual(listed([{ ...OLLAMA, what: `${ONE} (the setting base-url)` }, OLLAMA], true), [" a", " b"]);
});

test("of two servers with a model, the address says which is meant", () => {
  assert.deepEqual(listed([OLLAMA, finding(`vLLM at ${TWO}`, TWO, "a")], true), [`${ONE} a`, " b", `${TWO} a`]);
});

test("an endpoint is an address without a key", () => {
  assert.equal(problemWith("http://localhost:11434/v1"), undefined);
  assert.match(problemWith("localhost:11434/v1") ?? "", /such as/);
  assert.match(problemWith("file:///etc") ?? "", /such as/);
  assert.match(problemWith("https://me:secret@host/v1") ?? "", /key/);
});

test("what is no address is the name of a model", () => {
  const names = ["", "qwen2.5-coder:7b", "org/model", "editor:acme/large", "recorded:C:/replies.txt"];
  assert.deepEqual(names.filter(isAddress), []);
  assert.deepEqual(names.map(problemWith).filter(Boolean), []);
});

test("a key is asked for where an endpoint is somebody else's", () => {
  assert.ok(isHosted("https://api.example.org/v1"));
  assert.ok(!isHosted("http://localhost:11434/v1"));
  assert.ok(!isHosted("no address"));
});
