/** A program of ours that runs once and answers on its standard output. */

import { execFile } from "node:child_process";
import type { CancellationToken } from "vscode";

const MOST = 16 * 1024 * 1024;

/** How a program is started, with its whole environment. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** How SoA's command `ARGS` is started. */
export type Launch = (...args: string[]) => Promise<Program>;

/** It could not be started, or gave no answer; the message is for people. */
export class ProgramFailed extends Error {}

/**
 * What a program writes to its standard output, whatever the status it ends with.
 *
 * @returns undefined if it was cancelled.
 * @throws ProgramFailed
 */
export async function outputOf(program: Program, cwd: string, token: CancellationToken): Promise<string | undefined> {
  const stop = new AbortController();
  const end = () => { stop.abort(); };
  const listening = token.onCancellationRequested(end);
  if (token.isCancellationRequested) end();
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
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd, env, signal, maxBuffer: MOST, windowsHide: true }, (error, stdout, stderr) => {
      if (stdout.trim() && !signal.aborted) resolve(stdout);
      else reject(new ProgramFailed(`${command} gave no answer: ${lastLine(stderr) || (error?.message ?? "it said nothing")}`));
    });
  });
}

/** There stands what went wrong. */
function lastLine(text: string): string {
  return text.trim().split(/\r?\n/).at(-1) ?? "";
}
