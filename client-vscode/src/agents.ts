/** The view of agents in the side bar. */

import {
  commands, Disposable, EventEmitter, ThemeColor, ThemeIcon, type TreeDataProvider, TreeItem, TreeItemCollapsibleState, window,
} from "vscode";
import { CANCEL, GO_TO_STUB, HISTORY, type HistoryParams, type RunState } from "./protocol";
import type { RunList } from "./runs";
import type { Server } from "./server";
import type { Told } from "./tally";
import { below, fromId, idOf, type Node, row } from "./tree";
import { plural } from "./wording";

const VIEW = "soa.agents";
const TICK = 1000;
/** The node that holds the runs of earlier sessions. */
const EARLIER = "earlier";
const ICONS: Readonly<Record<string, readonly [name: string, color?: string]>> = {
  running: ["loading~spin"],
  verified: ["pass", "testing.iconPassed"],
  unverified: ["question", "testing.iconQueued"],
  failed: ["error", "testing.iconFailed"],
  cancelled: ["circle-slash"],
  stale: ["warning"],
};

/** Contributes the view `soa.agents` and the commands of its rows. */
export function registerAgents(server: Server, runs: RunList): Disposable {
  const agents = new Agents(server, runs);
  const view = window.createTreeView(VIEW, { treeDataProvider: agents, showCollapseAll: true });
  const ticking = setInterval(() => {
    const running = runs.all.filter(({ run }) => run.status === "running");
    if (view.visible && running.length > 0) agents.refresh(running);
  }, TICK);
  const badge = () => {
    const count = runs.totals.agents;
    view.badge = count > 0 ? { value: count, tooltip: `${plural(count, "agent")} at work` } : undefined;
  };
  // VS Code names no row if the one that was clicked is drawn anew just then.
  const stop = (id?: string) => id && server.client?.sendRequest("workspace/executeCommand", { command: CANCEL, arguments: [fromId(id)] });
  return Disposable.from(
    view,
    { dispose: () => { clearInterval(ticking); } },
    runs.onDidChange((told) => { agents.hear(told); }),
    runs.onDidChange(badge),
    commands.registerCommand("soa.stop", stop),
    commands.registerCommand("soa.refreshHistory", () => window.withProgress({ location: { viewId: VIEW } }, () => agents.reload())),
  );
}

/** The tree by the ids of its nodes: while they stay the same, what the mouse points at stays what is meant. */
class Agents implements TreeDataProvider<string> {
  private readonly changed = new EventEmitter<string[] | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly nodes = new Map<string, Node>();
  /** Runs of earlier sessions, without their agents; undefined: not asked for yet. */
  private earlier: readonly RunState[] | undefined;

  constructor(private readonly server: Server, private readonly runs: RunList) {}

  /** Take in what was told. Runs that go on are drawn when the seconds are: a row is hard to click that changes all the time. */
  hear(told: readonly Told[]): void {
    const goesOn = (one: Told) => one.run.status === "running" && this.nodes.has(idOf({ ...one, past: false }));
    if (told.length === 0 || !told.every(goesOn)) this.refresh(told);
  }

  /** Draw some runs anew; all, if some are new or have gone. */
  refresh(told: readonly Told[]): void {
    if (told.length === 0) this.earlier = undefined;
    const known = told.length > 0 && told.every((one) => this.nodes.has(idOf({ ...one, past: false })));
    const ids = this.put(told.map((one) => ({ ...one, past: false })));
    this.changed.fire(known ? ids : undefined);
  }

  async reload(): Promise<void> {
    this.earlier = await this.history({});
    this.changed.fire(undefined);
  }

  async getChildren(id?: string): Promise<string[]> {
    if (id === undefined) return this.roots();
    if (id === EARLIER) return this.past();
    const node = this.nodes.get(id);
    return node === undefined ? [] : this.put(below(await this.whole(node)));
  }

  getTreeItem(id: string): TreeItem {
    const node = this.nodes.get(id);
    if (node === undefined) return Object.assign(new TreeItem("Earlier runs", TreeItemCollapsibleState.Collapsed), { id });
    const { key, label, description, tooltip, context, state, opens, spoken } = row(node, Date.now());
    const [icon, color] = ICONS[state] ?? ["history"];
    const item = Object.assign(new TreeItem(label, TreeItemCollapsibleState[opens]), { id: key, description, tooltip, contextValue: context });
    item.iconPath = new ThemeIcon(icon, color === undefined ? undefined : new ThemeColor(color));
    item.accessibilityInformation = { label: spoken };
    if (node.agent) item.command = { command: GO_TO_STUB, title: "Go to Stub", arguments: [id] };
    return item;
  }

  private put(nodes: readonly Node[]): string[] {
    return nodes.map((node) => {
      const id = idOf(node);
      this.nodes.set(id, node);
      return id;
    });
  }

  /** Whether there were earlier runs is found out when the view is looked at for the first time. */
  private roots(): string[] {
    if (this.earlier === undefined && this.server.client) {
      this.earlier = [];
      void this.reload();
    }
    const now = this.put(this.runs.all.map((told) => ({ ...told, past: false })));
    return this.past().length > 0 ? [...now, EARLIER] : now;
  }

  private past(): string[] {
    const others = (this.earlier ?? []).filter(({ id }) => !this.runs.has(id));
    return this.put(others.map((run) => ({ run, at: 0, past: true })));
  }

  /** A run with its agents: those of an earlier one are asked for now. */
  private async whole(node: Node): Promise<Node> {
    if (!node.past || node.agent) return node;
    const [run = node.run] = await this.history({ run: node.run.id });
    return { ...node, run };
  }

  private async history(which: HistoryParams): Promise<readonly RunState[]> {
    return (await this.server.client?.ask(HISTORY, which).catch(() => undefined))?.runs ?? [];
  }
}
