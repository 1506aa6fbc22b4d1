/** The server: started, stopped, watched. */

import { type Disposable, EventEmitter, type LogOutputChannel, window } from "vscode";
import type { Middleware } from "vscode-languageclient/node";
import type { Client } from "./client";
import { NotReady, type Runtime } from "./runtime";

const RESTART = "Restart";
const SHOW_LOG = "Show Log";

export type ServerState = "stopped" | "starting" | "running" | "failed";
type Listen = (client: Client) => Disposable | undefined;

export class Server implements Disposable {
  private readonly changed = new EventEmitter<void>();
  readonly onDidChangeState = this.changed.event;
  private current: Client | undefined;
  private now: ServerState = "stopped";
  private readonly listeners: Listen[] = [];
  private heard: Disposable[] = [];
  private work: Promise<void> = Promise.resolve();
  /** How often somebody wished for another start: one that goes on meanwhile is of no use any more. */
  private wishes = 0;

  constructor(
    private readonly runtime: Runtime,
    private readonly log: LogOutputChannel,
    private readonly middleware: Middleware,
  ) {}

  get state(): ServerState {
    return this.now;
  }

  /** The client, while the server runs. */
  get client(): Client | undefined {
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
    this.interrupt();
    return this.enqueue(() => this.close());
  }

  /** Stop, look for an interpreter again, and start. */
  restart(): Promise<void> {
    this.interrupt();
    return this.enqueue(async () => {
      await this.close();
      this.runtime.forget();
      await this.open();
    });
  }

  dispose(): void {
    this.changed.dispose();
  }

  /** Starts and stops happen one after another. */
  private enqueue(work: () => Promise<void>): Promise<void> {
    this.work = this.work.then(work);
    return this.work;
  }

  /** Do not wait for a start that may hang. */
  private interrupt(): void {
    this.wishes += 1;
    if (this.now === "starting") this.current?.kill();
  }

  private async open(): Promise<void> {
    if (this.current) return;
    const wish = this.wishes;
    this.become("starting");
    try {
      const client = (this.current = await this.makeClient());
      if (wish !== this.wishes) return;
      this.heard = this.listeners.map((listen) => listen(client)).filter((one) => one !== undefined);
      await client.start();
      if (this.current === client) this.become("running");
    } catch (error) {
      if (wish === this.wishes) this.fail("The SoA server does not start.", error);
    }
  }

  private async makeClient(): Promise<Client> {
    const command = await this.runtime.command("serve", "--stdio", "--log-level", "debug");
    const { Client } = await import("./client");
    const client: Client = new Client(command, this.middleware, this.log, () => {
      if (this.current === client && this.now === "running") {
        this.fail("The SoA server has ended unexpectedly. Finished proposals are kept.");
      }
    });
    return client;
  }

  private async close(): Promise<void> {
    const client = this.current;
    this.release();
    this.become("stopped");
    try {
      await client?.dispose();
    } catch (error) {
      this.log.debug("the server did not stop in order", error);
      client?.kill();
    }
  }

  private release(): void {
    this.current = undefined;
    for (const one of this.heard.splice(0)) one.dispose();
  }

  /** Tell the user, once for each time that it fails. */
  private fail(sentence: string, error?: unknown): void {
    this.release();
    this.become("failed");
    const message = error instanceof NotReady ? error.message : sentence;
    this.log.error(message, ...(error === undefined ? [] : [error]));
    void window.showErrorMessage(message, RESTART, SHOW_LOG).then((choice) => {
      if (choice === RESTART && this.now === "failed") void this.restart();
      if (choice === SHOW_LOG) this.log.show();
    });
  }

  private become(state: ServerState): void {
    this.now = state;
    this.changed.fire();
  }
}
