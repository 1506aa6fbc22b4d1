/** The language client, loaded only when there is a server to speak with. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { type CancellationToken, type Disposable, type LogOutputChannel, workspace } from "vscode";
import { CloseAction, ErrorAction, LanguageClient, type LanguageClientOptions, type Middleware } from "vscode-languageclient/node";
import { COMMANDS, type Message } from "./protocol";
import type { Command } from "./runtime";

const SCHEMES = ["file", "untitled", "vscode-notebook-cell"];
const LEVELS = { WARNING: "warn", ERROR: "error", CRITICAL: "error", INFO: "info", DEBUG: "debug" } as const;

/** A client and the process it speaks with, once that is started. */
export class Client extends LanguageClient {
  private process: ChildProcess | undefined;

  /** @param closed Called when the server has ended without being asked to. */
  constructor(server: Command, middleware: Middleware, log: LogOutputChannel, closed: () => void) {
    super("soa", "SoA", () => this.spawn(server), options(middleware, log, closed));
  }

  /** What goes wrong is told by whoever asked for it, in words of ours. */
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }

  /** End the process at once. */
  kill(): void {
    this.process?.kill();
  }

  ask<P, R>({ method }: Message<P, R>, params: P): Promise<R> {
    return this.sendRequest<R>(method, params ?? {});
  }

  hear<P>({ method }: Message<P, void>, listen: (params: P) => void): Disposable {
    return this.onNotification(method, listen);
  }

  answer<P, R>({ method }: Message<P, R>, work: (params: P, token: CancellationToken) => Promise<R>): Disposable {
    return this.onRequest(method, work);
  }

  private async spawn({ command, args, cwd, env }: Command): Promise<ChildProcess> {
    const started = (this.process = spawn(command, args, { cwd, env }));
    await once(started, "spawn");
    return started;
  }
}

function options(middleware: Middleware, log: LogOutputChannel, closed: () => void): LanguageClientOptions {
  return {
    documentSelector: SCHEMES.map((scheme) => ({ language: "python", scheme })),
    initializationOptions: { commandLinks: true, complete: true, trusted: workspace.isTrusted },
    outputChannel: log,
    stdioOptions: {
      stdout: (input) => input.resume(),
      stderr: (input) => createInterface(input).on("line", (line) => { write(log, line); }),
    },
    markdown: { isTrusted: { enabledCommands: COMMANDS } },
    middleware,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        closed();
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    },
    initializationFailedHandler: () => false,
  };
}

/** A line of the server's log, at its own level. */
function write(log: LogOutputChannel, line: string): void {
  const level = /^\S+ \S+ ([A-Z]+) /.exec(line)?.[1] ?? "";
  log[level in LEVELS ? LEVELS[level as keyof typeof LEVELS] : "info"](line);
}
