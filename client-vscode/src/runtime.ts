/** How our own Python is started: an interpreter that can run it, and the compiled packages that it needs. */

import { execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { type LogOutputChannel, ProgressLocation, window, workspace } from "vscode";
import { candidates } from "./interpreter";
import type { Keys } from "./keys";

/** Milliseconds that an interpreter has to say what it is. */
const PATIENCE = 20_000;
const run = promisify(execFile);

/** A process of ours, ready to be started. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Record<string, string | undefined>;
}

/** What `start.py check` says of an interpreter. */
export interface Check {
  readonly python: string;
  readonly executable: string;
  readonly supported: boolean;
  readonly ready: boolean;
  readonly missing: readonly string[];
  readonly message: string;
}

/** Nothing of ours can be started; the message says why and what to do. */
export class NotReady extends Error {}

export class Runtime {
  private found: Promise<Check> | undefined;

  /**
   * @param bundled Folder of `start.py`.
   * @param natives Folder for compiled packages; need not exist.
   */
  constructor(
    readonly bundled: string,
    private readonly natives: string,
    private readonly keys: Keys,
    private readonly log: LogOutputChannel,
  ) {}

  /** The interpreter that runs the server, with all that it needs. @throws NotReady */
  interpreter(): Promise<Check> {
    this.found ??= this.find().catch((error: unknown) => {
      this.found = undefined;
      throw error;
    });
    return this.found;
  }

  /** Look for an interpreter anew the next time. */
  forget(): void {
    this.found = undefined;
  }

  /** A command of SoA's own, such as `serve`. @throws NotReady */
  async command(...args: readonly string[]): Promise<Command> {
    const { executable } = await this.interpreter();
    return {
      command: executable,
      args: [...this.start(), "--natives", this.natives, ...args],
      cwd: this.bundled,
      env: { ...process.env, ...(workspace.isTrusted ? await this.keys.environment() : {}) },
    };
  }

  /** The first candidate that is ready; else the first that what it lacks can be installed for. */
  private async find(): Promise<Check> {
    const names = await candidates();
    const checks: Check[] = [];
    for (const python of names) {
      const check = await this.check(python);
      if (check?.ready) return check;
      if (check) checks.push(check);
    }
    const supported = checks.find((check) => check.supported);
    if (supported) return this.install(supported);
    const looked = checks.map((check) => `${check.executable} is ${check.python}`).join(", ");
    const single = names.length === 1 ? `soa.interpreter is ${names.join()}, which cannot be run` : "none was found";
    throw new NotReady(`SoA's server needs Python 3.11 or newer: ${looked || single}. Install one, or set soa.interpreter to its path.`);
  }

  private async check(python: string): Promise<Check | undefined> {
    try {
      const args = [...this.start(), "--natives", this.natives, "check"];
      const { stdout } = await run(python, args, { timeout: PATIENCE, cwd: this.bundled });
      return JSON.parse(stdout) as Check;
    } catch (error) {
      this.log.debug(`${python} was passed over: ${String(error)}`);
      return undefined;
    }
  }

  private async install(check: Check): Promise<Check> {
    const title = "SoA: preparing its server";
    await window.withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, (progress, token) => {
      const child = spawn(check.executable, [...this.start(), "install", this.natives], { cwd: this.bundled });
      token.onCancellationRequested(() => child.kill());
      child.stderr.on("data", (words: Buffer) => {
        this.log.debug(words.toString().trimEnd());
      });
      return new Promise<void>((resolve, reject) => {
        let problem = "It was stopped. Run the command SoA: Restart Server to try again.";
        createInterface(child.stdout).on("line", (line) => {
          const said = JSON.parse(line) as { step?: string; error?: string; advice?: string };
          if (said.step) progress.report({ message: said.step });
          if (said.error) problem = `${said.error} ${said.advice ?? ""}`.trimEnd();
        });
        child.on("error", reject);
        child.on("close", (code) => {
          if (code === 0) resolve();
          else reject(new NotReady(problem));
        });
      });
    });
    return { ...check, ready: true, missing: [] };
  }

  private start(): readonly string[] {
    return ["-I", join(this.bundled, "start.py")];
  }
}
