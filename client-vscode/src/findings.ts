/** What `doctor --json` found: asked for, read, and written as a page. */

import { type Launch, outputOf } from "./process";

/** One thing that was looked at. */
export interface Finding {
  readonly part: string;
  readonly what: string;
  readonly works: boolean;
  readonly detail: string;
  readonly advice: string;
  /** Of the part `model`: the names it lists, and what to set to ask there. */
  readonly models?: readonly string[];
  readonly base_url?: string;
  /** Of the part `sandbox`: whether `auto` takes it. */
  readonly automatic?: boolean;
}

type Answer = readonly Finding[] | { readonly error?: { readonly message: string; readonly advice: string } } | null;

const FLAGS = { model: "--model", baseUrl: "--base-url", sandbox: "--sandbox", python: "--python" } as const;
const TITLES: Readonly<Record<string, string>> = {
  model: "Model",
  sandbox: "Sandbox",
  interpreter: "Interpreter of the project",
  jedi: "Meaning of names",
  store: "Store",
  editor: "Language server",
  extension: "This extension",
};

/** Have the doctor look; fails with a sentence for people if it cannot, or is told to stop. */
export async function examine(
  launch: Launch,
  settings: Readonly<Record<string, unknown>>,
  cwd: string,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  return read(await outputOf(await launch("doctor", "--json", ...flags(settings)), cwd, signal));
}

/** Settings as flags of the doctor; those that it has no flag for, or that are not set, are left out. */
export function flags(settings: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(FLAGS).flatMap(([name, flag]) => {
    const value = settings[name];
    return typeof value === "string" ? [`${flag}=${value}`] : [];
  });
}

/** Findings; fails with what was said instead of them. */
export function read(output: string): readonly Finding[] {
  const said = parsed(output);
  if (said instanceof Array) return said;
  const { message = "What the doctor said cannot be read.", advice = "The log of the server may say more." } = said?.error ?? {};
  throw new Error(`${message} ${advice}`.trim());
}

function parsed(output: string): Answer {
  try {
    return JSON.parse(output) as Answer;
  } catch {
    return null;
  }
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

function row({ what, works, detail, advice, automatic }: Finding): string {
  const taken = automatic ? ", taken by `auto`" : "";
  const head = `${works ? "✓" : "✗"} **${plain(what)}**${taken}${detail ? `: ${plain(detail)}` : ""}`;
  return advice ? `${head}  \n${plain(asSettings(advice))}` : head;
}

/** Flags of the terminal by the names that they have as settings: `--base-url` is `soa.baseUrl`. Other programs' flags stay. */
export function asSettings(advice: string): string {
  return Object.entries(FLAGS).reduce((said, [name, flag]) => said.replaceAll(new RegExp(`${flag}\\b`, "g"), `soa.${name}`), advice);
}
