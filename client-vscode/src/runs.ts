/** The runs of this session, as the server tells of them. */

import { commands, type Disposable, EventEmitter } from "vscode";
import { RUN_CHANGED, RUNS, type RunState } from "./protocol";
import type { Server } from "./server";
import { Tally, type Told, type Totals } from "./tally";

export class RunList implements Disposable {
  private readonly tally = new Tally();
  private readonly changed = new EventEmitter<readonly Told[]>();
  /** Those that were told of; none: all were forgotten. */
  readonly onDidChange = this.changed.event;
  private readonly watching: Disposable;

  constructor(private readonly server: Server) {
    server.onClient((client) => client.onNotification(RUN_CHANGED, (run) => { this.hear([run]); }));
    this.watching = server.onDidChangeState(() => void this.follow());
  }

  /** The newest first. */
  get all(): readonly Told[] {
    return this.tally.all;
  }

  get totals(): Totals {
    return this.tally.totals;
  }

  /** What answered last; empty: not known. */
  get model(): string {
    return this.tally.model;
  }

  dispose(): void {
    this.watching.dispose();
    this.changed.dispose();
  }

  private async follow(): Promise<void> {
    const client = this.server.client;
    if (client === undefined) this.tally.clear();
    const told = await client?.sendRequest(RUNS).catch(() => undefined);
    this.hear((told?.runs ?? []).filter((run) => !this.tally.has(run.id)));
  }

  private hear(runs: readonly RunState[]): void {
    const told = runs.map((run) => this.tally.hear(run, Date.now()));
    void commands.executeCommand("setContext", "soa.running", this.totals.running > 0);
    this.changed.fire(told);
  }
}
