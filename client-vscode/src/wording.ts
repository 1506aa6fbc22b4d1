/** Numbers and states in the few words that a tree or a status bar has room for. */

const DOING = new Map([
  ["write", "writing"],
  ["repair", "repairing"],
  ["skeleton", "drafting a skeleton"],
  ["revise", "revising"],
  ["tests", "writing tests"],
  ["feedback", "looking for the cause"],
  ["reading", "checking"],
  ["refused", "reply refused"],
]);

/** What an agent is at: its last step, in the words of people. */
export function doing(step: string): string {
  return DOING.get(step) ?? step;
}

/** `1 agent`, `3 agents`. */
export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** `1 token`, `4.1k tokens`; empty if none was spent. */
export function tokens(count: number): string {
  const short = Intl.NumberFormat("en", { notation: "compact" }).format(count).replace("K", "k");
  return count > 0 ? `${short} token${count === 1 ? "" : "s"}` : "";
}

/** `2.1 s`, `75 s`, `12 min`. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  return seconds < 119.5 ? `${seconds.toFixed(0)} s` : `${(seconds / 60).toFixed(0)} min`;
}

/**
 * `7/7 tests`: passed and run; empty if none was run.
 *
 * @param sandbox The kind that they ran in; `process` is none, which is always said.
 */
export function tests(passed: number, failed: number, sandbox: string): string {
  const where = sandbox === "process" ? ", ran without a sandbox" : "";
  return passed + failed > 0 ? `${passed}/${passed + failed} tests${where}` : "";
}

/** What there is to say, with dots between. */
export function line(...parts: readonly string[]): string {
  return parts.filter(Boolean).join(" · ");
}

/** The same for a screen reader. */
export function aloud(said: string): string {
  return said.replaceAll(" · ", ", ").replaceAll(/(\d)\/(\d)/g, "$1 of $2").replaceAll(/(\d) s\b/g, "$1 seconds");
}
