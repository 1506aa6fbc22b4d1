/** What the user has set: only that is told to the server, so that pyproject.toml and the environment count besides. */

import { type ConfigurationScope, workspace } from "vscode";

const SECTION = "soa";
const CLIENT_ONLY = new Set(["interpreter", "trace"]);

interface Inspected {
  readonly globalValue?: unknown;
  readonly workspaceValue?: unknown;
  readonly workspaceFolderValue?: unknown;
}

/** The value that holds of one that is set in several places; undefined if it is set nowhere. */
export function chosen(inspected: Inspected | undefined): unknown {
  return inspected?.workspaceFolderValue ?? inspected?.workspaceValue ?? inspected?.globalValue;
}

/** The user's settings for a folder, by their names without `soa.`; defaults are left out. */
export function explicit(scope?: ConfigurationScope): Record<string, unknown> {
  const section = workspace.getConfiguration(SECTION, scope);
  const names = Object.keys(section).filter((name) => !CLIENT_ONLY.has(name) && section.inspect(name) !== undefined);
  const pairs = names.map((name) => [name, chosen(section.inspect(name))] as const);
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined));
}

/** A text setting, empty if it is not set. */
export function text(name: string, scope?: ConfigurationScope): string {
  return workspace.getConfiguration(SECTION, scope).get(name, "").trim();
}
