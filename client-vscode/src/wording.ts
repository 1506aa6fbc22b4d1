/** Numbers and states in the few words that a tree or a status bar has room for. */

import type { ProposalText } from "./protocol";

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

/** `940`, `4.1k`, `2.5M`. */
export function short(count: number): string {
  if (count < 1000) return `${count}`;
  return count < 999_500 ? `${rounded(count / 1000)}k` : `${rounded(count / 1_000_000)}M`;
}

function rounded(value: number): string {
  return value < 99.95 ? value.toFixed(1).replace(/\.0$/, "") : value.toFixed(0);
}

/** `1 token`, `4.1k tokens`; empty if none was spent. */
export function tokens(count: number): string {
  return count > 0 ? `${short(count)} token${count === 1 ? "" : "s"}` : "";
}

/** `2.1 s`, `75 s`, `12 min`. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  return seconds < 119.5 ? `${seconds.toFixed(0)} s` : `${(seconds / 60).toFixed(0)} min`;
}

/** `just now`, `2 min ago`, `3 h ago`, `5 days ago`. */
export function age(seconds: number): string {
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h ago` : `${Math.floor(seconds / 86_400)} days ago`;
}

/** `7/7 tests`: passed and run; empty if none was run. */
export function tests(passed: number, failed: number): string {
  return passed + failed > 0 ? `${passed}/${passed + failed} tests` : "";
}

/** What there is to say, with dots between. */
export function line(...parts: readonly string[]): string {
  return parts.filter(Boolean).join(" · ");
}

/** The same for a screen reader. */
export function aloud(said: string): string {
  return said
    .replaceAll(" · ", ", ")
    .replaceAll(/(\d)\/(\d)/g, "$1 of $2")
    .replaceAll(/(\d)k\b/g, "$1 thousand")
    .replaceAll(/(\d)M\b/g, "$1 million")
    .replaceAll(/(\d) s\b/g, "$1 seconds")
    .replaceAll(/(\d) min\b/g, "$1 minutes")
    .replaceAll(/(\d) h\b/g, "$1 hours");
}

/** `verified, 7/7 tests`: of a proposal that can be accepted. */
export function verdict({ status, skeleton, evidence }: Pick<ProposalText, "status" | "skeleton" | "evidence">): string {
  if (skeleton) return "skeleton";
  if (status !== "verified") return "not verified";
  return `verified, ${tests(evidence.filter(({ outcome }) => outcome === "passed").length, 0)}`;
}
