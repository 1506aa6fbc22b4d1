/** The runs of a session, and what they have cost. */

import type { RunState } from "./protocol";

/** A run, and when it was told of last, in milliseconds since the epoch. */
export interface Told {
  readonly run: RunState;
  readonly at: number;
}

export interface Totals {
  readonly running: number;
  /** At work. */
  readonly agents: number;
  /** This session, over all starts of the server. */
  readonly tokens: number;
}

export class Tally {
  private readonly told = new Map<string, Told>();
  private tokens = 0;
  private newest = "";

  hear(run: RunState, at: number): Told {
    const told = { run, at };
    this.tokens += run.tokens - (this.told.get(run.id)?.run.tokens ?? 0);
    this.told.set(run.id, told);
    this.newest = this.all.find((one) => one.run.model)?.run.model ?? this.newest;
    return told;
  }

  /** Forget the runs, but not their model and what they cost. */
  clear(): void {
    this.told.clear();
  }

  /** The model of the newest run that says it, even if that is forgotten; empty: not known. */
  get model(): string {
    return this.newest;
  }

  has(id: string): boolean {
    return this.told.has(id);
  }

  /** The newest first. */
  get all(): readonly Told[] {
    return [...this.told.values()].sort((a, b) => b.run.began - a.run.began);
  }

  get totals(): Totals {
    const running = this.all.filter(({ run }) => run.status === "running");
    const agents = running.reduce((sum, { run }) => sum + run.total - run.done, 0);
    return { running: running.length, agents, tokens: this.tokens };
  }
}
