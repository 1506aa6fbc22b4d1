/** The view of agents in the side bar. */

import {
  commands, Disposable, EventEmitter, ThemeColor, ThemeIcon, type TreeDataProvider, TreeItem, TreeItemCollapsibleState, window,
} from "vscode";
import { ExecuteCommandRequest } from "vscode-languageclient/node";
import { showExchanges } from "./exchanges";
import { openStub } from "./opening";
import { CANCEL, HISTORY, type HistoryParams, type RunState } from "./protocol";
import type { RunList } from "./runs";
import type { Server } from "./server";
import type { Told } from "./tally";
import { below, family, idOf, isAgent, type Node, row, type RunNode } from "./tree";
import { plural } from "./wording";

const VIEW = "soa.agents";
const TICK = 1000;
/** The node that holds the runs of earlier sessions. */
const EARLIER = "earlier";
const OPENS = {
  open: TreeItemCollapsibleState.Expanded,
  closed: TreeItemCollapsibleState.Collapsed,
  never: TreeItemCollapsibleState.None,
} as const;
const ICONS: Readonly<Record<string, ThemeIcon>> = {
  running: new ThemeIcon("loading~spin"),
  verified: new ThemeIcon("pass", new ThemeColor("testing.iconPassed")),
  unverified: new ThemeIcon("question", new ThemeColor("testing.iconQueued")),
  failed: new ThemeIcon("error", new ThemeColor("testing.iconFailed")),
  cancelled: new ThemeIcon("circle-slash"),
  stale: new ThemeIcon("warning"),
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
  const command = (name: string, act: (node: Node) => unknown) => commands.registerCommand(name, (id: string) => agents.with(id, act));
  return Disposable.from(
    agents,
    view,
    { dispose: () => { clearInterval(ticking); } },
    runs.onDidChange(badge),
    command("soa.stop", (node) => stop(server, node)),
    command("soa.goToStub", openStub),
    command("soa.showExchanges", showExchanges),
    commands.registerCommand("soa.refreshHistory", () => window.withProgress({ location: { viewId: VIEW } }, () => agents.reload())),
  );
}

/** End a run, or an agent and all below it. */
async function stop(server: Server, node: Node): Promise<void> {
  const which = { run: node.run.id, ...(isAgent(node) ? { agent: node.agent.id } : {}) };
  await server.client?.sendRequest(ExecuteCommandRequest.type, { command: CANCEL, arguments: [which] });
}

/** The tree by the ids of its nodes: while they stay the same, what the mouse points at stays what is meant. */
class Agents implements TreeDataProvider<string>, Disposable {
  private readonly changed = new EventEmitter<string[] | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly watching: Disposable;
  private readonly nodes = new Map<string, Node>();
  /** Runs of earlier sessions, without their agents; undefined: not asked for yet. */
  private earlier: readonly RunNode[] | undefined;

  constructor(private readonly server: Server, private readonly runs: RunList) {
    this.watching = runs.onDidChange((told) => { this.refresh(told); });
  }

  /** Draw some runs anew; all, if some are new or have gone. */
  refresh(told: readonly Told[]): void {
    if (told.length === 0) this.earlier = undefined;
    const ids = told.map(({ run }) => idOf({ run, at: 0, past: false }));
    const known = told.length > 0 && ids.every((id) => this.nodes.has(id));
    for (const one of told) this.put({ ...one, past: false });
    this.changed.fire(known ? ids : undefined);
  }

  async reload(): Promise<void> {
    this.earlier = (await this.history({})).map((run) => ({ run, at: 0, past: true }));
    this.earlier.forEach((node) => { this.put(node); });
    this.changed.fire(undefined);
  }

  /** Do something with a node, if it is still there. */
  async with(id: string, act: (node: Node) => unknown): Promise<void> {
    const node = this.nodes.get(id);
    if (node) await act(node);
  }

  async getChildren(id?: string): Promise<string[]> {
    if (id === undefined) return this.roots();
    if (id === EARLIER) return this.past().map(idOf);
    const node = this.nodes.get(id);
    return node === undefined ? [] : below(await this.whole(node)).map(idOf);
  }

  getTreeItem(id: string): TreeItem {
    const node = this.nodes.get(id);
    if (node === undefined) return Object.assign(new TreeItem("Earlier runs", OPENS.closed), { id });
    const { key, label, description, tooltip, context, state, opens, spoken } = row(node, Date.now());
    const iconPath = ICONS[state] ?? new ThemeIcon("history");
    const item = Object.assign(new TreeItem(label, OPENS[opens]), { id: key, description, tooltip, contextValue: context, iconPath });
    item.accessibilityInformation = { label: spoken };
    if (isAgent(node)) item.command = { command: "soa.goToStub", title: "Go to Stub", arguments: [id] };
    return item;
  }

  dispose(): void {
    this.watching.dispose();
    this.changed.dispose();
  }

  private put(node: RunNode): void {
    for (const one of family(node)) this.nodes.set(idOf(one), one);
  }

  /** Whether there were earlier runs is found out when the view is looked at for the first time. */
  private roots(): string[] {
    if (this.earlier === undefined && this.server.client) {
      this.earlier = [];
      void this.reload();
    }
    const now = this.runs.all.map((told) => idOf({ ...told, past: false }));
    return this.past().length > 0 ? [...now, EARLIER] : now;
  }

  private past(): readonly RunNode[] {
    const now = new Set(this.runs.all.map(({ run }) => run.id));
    return (this.earlier ?? []).filter(({ run }) => !now.has(run.id));
  }

  /** A run with its agents: those of an earlier one are asked for now. */
  private async whole(node: Node): Promise<Node> {
    if (!node.past || isAgent(node) || node.run.agents.length > 0) return node;
    const [run = node.run] = await this.history({ run: node.run.id });
    this.put({ ...node, run });
    if (run.agents.length > 0) this.changed.fire([idOf(node)]);
    return { ...node, run };
  }

  private async history(which: HistoryParams): Promise<readonly RunState[]> {
    return (await this.server.client?.sendRequest(HISTORY, which).catch(() => undefined))?.runs ?? [];
  }
}
