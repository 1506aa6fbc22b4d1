/** A program of ours that runs once and answers on its standard output. */

import { execFile } from "node:child_process";

const MOST = 16 * 1024 * 1024;

/** How a program is started, with its whole environment. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** How SoA's command `ARGS` is started. */
export type Launch = (...args: string[]) => Promise<Program>;

/** What a program writes to its standard output, whatever the status it ends with; fails with a sentence if that is nothing. */
export function outputOf({ command, args, env }: Program, cwd: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd, env, signal, maxBuffer: MOST, windowsHide: true }, (error, stdout, stderr) => {
      const last = stderr.trim().split(/\r?\n/).at(-1) ?? "";
      if (stdout.trim() && !signal.aborted) resolve(stdout);
      else reject(new Error(`${command} gave no answer: ${last || (error?.message ?? "it said nothing")}`));
    });
  });
}
