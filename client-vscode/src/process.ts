/** A program of ours that runs once: what it wrote, or a sentence that says why there is nothing. */

import { execFile } from "node:child_process";
import type { CancellationToken } from "vscode";

/** How a program is started; what is in `env` comes on top of the editor's own environment. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** How `start.py ARGS` is started. */
export type Launch = (...args: string[]) => Promise<Program>;

/** It could not be started, or ended before it had answered; the message is for people. */
export class ProgramFailed extends Error {}

const MOST = 16 * 1024 * 1024;

/**
 * What a program writes to its standard output; it may end with any status.
 *
 * @returns undefined if it was cancelled.
 * @throws ProgramFailed
 */
export async function outputOf(program: Program, cwd: string, token: CancellationToken): Promise<string | undefined> {
  const stop = new AbortController();
  const listening = token.onCancellationRequested(() => {
    stop.abort();
  });
  if (token.isCancellationRequested) stop.abort();
  try {
    return await run(program, cwd, stop.signal);
  } catch (error) {
    if (stop.signal.aborted) return undefined;
    throw error;
  } finally {
    listening.dispose();
  }
}

function run({ command, args, env }: Program, cwd: string, signal: AbortSignal): Promise<string> {
  const options = { cwd, env: { ...process.env, ...env }, signal, maxBuffer: MOST, windowsHide: true };
  return new Promise((resolve, reject) => {
    execFile(command, args, options, (error, stdout, stderr) => {
      if (stdout.trim() || !error) resolve(stdout);
      else reject(new ProgramFailed(sentence(command, error.message, stderr)));
    });
  });
}

/** The last line that the program said, for there stands what was wrong. */
function sentence(command: string, message: string, stderr: string): string {
  const last = stderr.trim().split("\n").at(-1) ?? "";
  return `${command} gave no answer: ${last || message}`;
}
