/** What `doctor --json` found: asked for, read, and written as a page. */

import type { CancellationToken } from "vscode";
import { type Launch, outputOf, ProgramFailed } from "./process";

/** One thing that was looked at. */
export interface Finding {
  readonly part: string;
  readonly what: string;
  readonly works: boolean;
  readonly detail: string;
  readonly advice: string;
  /** Of the part `model`: the names it lists, and what to set to ask there. */
  readonly models: readonly string[];
  readonly base_url: string;
}

const FLAGS = { model: "--model", baseUrl: "--base-url", sandbox: "--sandbox", python: "--python" } as const;
const TITLES: Readonly<Record<string, string>> = {
  model: "Model",
  sandbox: "Sandbox",
  interpreter: "Interpreter of the project",
  jedi: "Meaning of names",
  store: "Store",
  editor: "Language server",
};

/** Have the doctor look; undefined if it was cancelled. @throws ProgramFailed */
export async function examine(
  launch: Launch,
  settings: Readonly<Record<string, unknown>>,
  cwd: string,
  token: CancellationToken,
): Promise<readonly Finding[] | undefined> {
  const output = await outputOf(await launch("doctor", "--json", ...flags(settings)), cwd, token);
  return output === undefined ? undefined : read(output);
}

/** Settings as flags of the doctor; those that it has no flag for, or that are not set, are left out. */
export function flags(settings: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(FLAGS).flatMap(([name, flag]) => {
    const value = settings[name];
    return typeof value === "string" ? [`${flag}=${value}`] : [];
  });
}

/** The same settings without a model: then the doctor looks for all that there are. */
export function withoutModel(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { ...settings, model: undefined };
}

/** @throws ProgramFailed if these are no findings. */
export function read(output: string): readonly Finding[] {
  try {
    const found: unknown = JSON.parse(output);
    if (Array.isArray(found)) return found as readonly Finding[];
  } catch {
    // The sentence below says it.
  }
  throw new ProgramFailed("What the doctor said cannot be read. The log of the server may say more.");
}

/** Parts of which nothing works; the plain process is no sandbox, unless it was chosen. */
export function troubles(findings: readonly Finding[], sandbox: unknown): string[] {
  const working = findings.filter((one) => one.works && (one.what !== "process" || sandbox === "process"));
  const parts = new Set(findings.map((one) => one.part));
  return [...parts].filter((part) => !working.some((one) => one.part === part));
}

/** Findings as Markdown: for each part what works and what to do about the rest. */
export function sections(findings: readonly Finding[]): string {
  const parts = [...new Set(findings.map((one) => one.part))];
  return parts.map((part) => [`## ${titleOf(part)}`, ...findings.filter((one) => one.part === part).map(row)].join("\n\n")).join("\n\n");
}

/** What a part is called, for people. */
export function titleOf(part: string): string {
  return TITLES[part] ?? part;
}

/** Text that means nothing in Markdown; lines stay lines. */
export function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|!~&$]/g, "\\$&").replace(/\r?\n/g, "  \n");
}

function row({ what, works, detail, advice }: Finding): string {
  const head = `${works ? "✓" : "✗"} **${plain(what)}**${detail ? `: ${plain(detail)}` : ""}`;
  return advice ? `${head}  \n${plain(advice)}` : head;
}
