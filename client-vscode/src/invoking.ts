/** From how a user calls a command (palette, key, lens, menu) to what the server takes. */

import { CANCEL, GO_TO_STUB, IMPLEMENT_FILE, IMPLEMENT_WORKSPACE, SHOW_EXCHANGES } from "./protocol";
import { fromId } from "./tree";

/** A stub by its document, and by its name or a position in it. */
export interface Place {
  readonly uri: string;
  readonly name?: string;
  readonly position?: { readonly line: number; readonly character: number };
}

const OF_ROWS: readonly string[] = [GO_TO_STUB, SHOW_EXCHANGES];
const EVERYWHERE: readonly string[] = [CANCEL, IMPLEMENT_WORKSPACE];

/**
 * The arguments for a command.
 *
 * @param given What it was called with: by the server's own lenses, actions and links one object with a `uri` in words or
 * a `run`; by rows of the agents view with their id; by menus an object of the editor's, or nothing.
 * @param here Where the user is; undefined outside of Python.
 * @returns undefined if the command needs a place and there is none.
 */
export function commandArguments(command: string, given: readonly unknown[], here: Place | undefined): unknown[] | undefined {
  if (OF_ROWS.includes(command) && !isOurs(given[0])) return undefined;
  if (OF_ROWS.includes(command)) return [typeof given[0] === "string" ? fromId(given[0]) : given[0]];
  if (given.length > 0 && given.every(isOurs)) return [...given];
  if (EVERYWHERE.includes(command)) return [];
  if (here === undefined) return undefined;
  return [command === IMPLEMENT_FILE ? { uri: here.uri } : here];
}

/** What to do if a command does not know what is meant. */
export function advice(command: string): string {
  // VS Code passes nothing for a row that it is just drawing anew.
  return OF_ROWS.includes(command) ? "That row has just changed: try again." : "Put the cursor on a stub in a Python file first.";
}

function isOurs(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return typeof value === "string" || typeof value === "number";
  return ("uri" in value && typeof value.uri === "string") || "run" in value || "folders" in value;
}
