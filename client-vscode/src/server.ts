/** The server's process and the client that speaks with it: started, stopped, watched. */

import { createInterface } from "node:readline";
import { type Disposable, EventEmitter, LogLevel, type LogOutputChannel, window, workspace } from "vscode";
import { CloseAction, ErrorAction, LanguageClient, type LanguageClientOptions, type Middleware } from "vscode-languageclient/node";
import { COMMANDS } from "./protocol";
import { NotReady, type Runtime } from "./runtime";

const SCHEMES = ["file", "untitled", "vscode-notebook-cell"];
const RESTART = "Restart";
const SHOW_LOG = "Show Log";
const LEVELS = { WARNING: "warn", ERROR: "error", CRITICAL: "error", INFO: "info", DEBUG: "debug" } as const;

export type ServerState = "stopped" | "starting" | "running" | "failed";
type Listen = (client: LanguageClient) => Disposable | undefined;

export class Server implements Disposable {
  private readonly changed = new EventEmitter<void>();
  readonly onDidChangeState = this.changed.event;
  private current: LanguageClient | undefined;
  private now: ServerState = "stopped";
  private readonly listeners: Listen[] = [];
  private heard: Disposable[] = [];
  private work: Promise<void> = Promise.resolve();

  constructor(
    private readonly runtime: Runtime,
    private readonly log: LogOutputChannel,
    private readonly middleware: Middleware,
  ) {}

  get state(): ServerState {
    return this.now;
  }

  /** The client, while the server runs. */
  get client(): LanguageClient | undefined {
    return this.now === "running" ? this.current : undefined;
  }

  /** Have each new client listened to, before it starts. */
  onClient(listen: Listen): void {
    this.listeners.push(listen);
  }

  start(): Promise<void> {
    return this.enqueue(() => this.open());
  }

  stop(): Promise<void> {
    return this.enqueue(() => this.close());
  }

  /** Stop, look for an interpreter again, and start. */
  restart(): Promise<void> {
    return this.enqueue(async () => {
      await this.close();
      this.runtime.forget();
      await this.open();
    });
  }

  dispose(): void {
    void this.stop();
    this.changed.dispose();
  }

  /** Starts and stops happen one after another. */
  private enqueue(work: () => Promise<void>): Promise<void> {
    this.work = this.work.then(work);
    return this.work;
  }

  private async open(): Promise<void> {
    if (this.current) return;
    this.become("starting");
    try {
      const client = (this.current = await this.makeClient());
      this.heard = this.listeners.map((listen) => listen(client)).filter((one) => one !== undefined);
      await client.start();
      if (this.current === client) this.become("running");
    } catch (error) {
      this.fail("The SoA server does not start.", error);
    }
  }

  private async close(): Promise<void> {
    const client = this.current;
    this.release();
    this.become("stopped");
    try {
      await client?.dispose();
    } catch (error) {
      this.log.debug(`the server did not stop in order: ${String(error)}`);
    }
  }

  private release(): void {
    this.current = undefined;
    for (const one of this.heard.splice(0)) one.dispose();
  }

  private async makeClient(): Promise<LanguageClient> {
    const level = this.log.logLevel <= LogLevel.Debug && this.log.logLevel !== LogLevel.Off ? "debug" : "info";
    const { command, args, cwd, env } = await this.runtime.command("serve", "--stdio", "--log-level", level);
    const client: LanguageClient = new LanguageClient(
      "soa",
      "SoA",
      { command, args: [...args], options: { cwd, env } },
      this.options(() => {
        if (this.current === client) this.fail("The SoA server has ended unexpectedly. Finished proposals are kept.");
      }),
    );
    return client;
  }

  private options(closed: () => void): LanguageClientOptions {
    return {
      documentSelector: SCHEMES.map((scheme) => ({ language: "python", scheme })),
      initializationOptions: { commandLinks: true, complete: true, trusted: workspace.isTrusted },
      outputChannel: this.log,
      stdioOptions: {
        stdout: (input) => input.resume(),
        stderr: (input) => createInterface(input).on("line", (line) => { this.write(line); }),
      },
      markdown: { isTrusted: { enabledCommands: COMMANDS } },
      middleware: this.middleware,
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
  private write(line: string): void {
    const level = /^\S+ \S+ ([A-Z]+) /.exec(line)?.[1] ?? "";
    this.log[level in LEVELS ? LEVELS[level as keyof typeof LEVELS] : "info"](line);
  }

  /** Tell the user, once for each time that it fails. */
  private fail(sentence: string, error?: unknown): void {
    if (this.now === "failed") return;
    this.release();
    this.become("failed");
    const message = error instanceof NotReady ? error.message : sentence;
    this.log.error(message, ...(error === undefined ? [] : [error]));
    void window.showErrorMessage(message, RESTART, SHOW_LOG).then((choice) => {
      if (choice === RESTART) void this.restart();
      if (choice === SHOW_LOG) this.log.show();
    });
  }

  private become(state: ServerState): void {
    this.now = state;
    this.changed.fire();
  }
}
