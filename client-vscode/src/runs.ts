/** The runs of this session, as the server tells of them. */

import { commands, type Disposable, EventEmitter } from "vscode";
import { RUN_CHANGED, RUNS, type RunState } from "./protocol";
import type { Server } from "./server";
import { Tally, type Told } from "./tally";

export class RunList extends Tally implements Disposable {
  private readonly changed = new EventEmitter<readonly Told[]>();
  /** Those that were told of; none: all were forgotten. */
  readonly onDidChange = this.changed.event;
  private readonly watching: Disposable;

  constructor(private readonly server: Server) {
    super();
    server.onClient((client) => client.hear(RUN_CHANGED, (run) => { this.tell([run]); }));
    this.watching = server.onDidChangeState(() => void this.follow());
  }

  dispose(): void {
    this.watching.dispose();
    this.changed.dispose();
  }

  private async follow(): Promise<void> {
    const client = this.server.client;
    if (client === undefined) this.clear();
    const told = await client?.ask(RUNS, null).catch(() => undefined);
    this.tell((told?.runs ?? []).filter((run) => !this.has(run.id)));
  }

  private tell(runs: readonly RunState[]): void {
    const told = runs.map((run) => this.hear(run, Date.now()));
    void commands.executeCommand("setContext", "soa.running", this.totals.running > 0);
    this.changed.fire(told);
  }
}
