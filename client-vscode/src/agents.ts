/** The view of agents in the side bar. */

import {
  commands, Disposable, EventEmitter, ThemeColor, ThemeIcon, type TreeDataProvider, TreeItem, TreeItemCollapsibleState, window,
} from "vscode";
import { ExecuteCommandRequest } from "vscode-languageclient/node";
import { openStub } from "./opening";
import { CANCEL, HISTORY, type RunState } from "./protocol";
import type { RunList } from "./runs";
import type { Server } from "./server";
import { below, EARLIER, isAgent, type Node, row, type RunNode } from "./tree";
import { plural } from "./wording";

const VIEW = "soa.agents";
const TICK = 1000;
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
  stale: new ThemeIcon("history"),
};

/** Contributes the view `soa.agents` and the commands `soa.stop`, `soa.goToStub`, `soa.refreshHistory`. */
export function registerAgents(server: Server, runs: RunList): Disposable {
  const agents = new Agents(server, runs);
  const view = window.createTreeView(VIEW, { treeDataProvider: agents, showCollapseAll: true });
  const ticking = setInterval(() => {
    if (view.visible && runs.totals.running > 0) agents.refresh();
  }, TICK);
  const badge = () => {
    const count = runs.totals.agents;
    view.badge = count > 0 ? { value: count, tooltip: `${plural(count, "agent")} at work` } : undefined;
  };
  return Disposable.from(
    agents,
    view,
    { dispose: () => { clearInterval(ticking); } },
    runs.onDidChange(badge),
    commands.registerCommand("soa.stop", (node: RunNode) => stop(server, node)),
    commands.registerCommand("soa.goToStub", (node: RunNode) => openStub(node)),
    commands.registerCommand("soa.refreshHistory", () => window.withProgress({ location: { viewId: VIEW } }, () => agents.reload())),
  );
}

/** End a run, or an agent and all below it. */
async function stop(server: Server, node: RunNode): Promise<void> {
  const which = { run: node.run.id, ...(isAgent(node) ? { agent: node.agent.id } : {}) };
  await server.client?.sendRequest(ExecuteCommandRequest.type, { command: CANCEL, arguments: [which] });
}

class Agents implements TreeDataProvider<Node>, Disposable {
  private readonly changed = new EventEmitter<Node | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly watching: Disposable;
  /** Runs of earlier sessions without their agents; undefined: not asked for yet. */
  private earlier: readonly RunState[] | undefined;

  constructor(private readonly server: Server, private readonly runs: RunList) {
    this.watching = Disposable.from(
      runs.onDidChange(() => { this.refresh(); }),
      server.onDidChangeState(() => { this.earlier = undefined; }),
    );
  }

  refresh(): void {
    this.changed.fire(undefined);
  }

  async reload(): Promise<void> {
    this.earlier = await this.history();
    this.refresh();
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (node === undefined) return this.roots();
    if (node === EARLIER) return this.past();
    if (!node.past || isAgent(node)) return below(node);
    return (await this.history(node.run.id)).flatMap((run) => below({ ...node, run }));
  }

  getTreeItem(node: Node): TreeItem {
    if (node === EARLIER) {
      return Object.assign(new TreeItem("Earlier runs", OPENS.closed), { id: EARLIER, contextValue: EARLIER });
    }
    const { id, label, description, tooltip, context, state, opens, spoken } = row(node, Date.now());
    const iconPath = ICONS[state] ?? new ThemeIcon("check");
    const item = Object.assign(new TreeItem(label, OPENS[opens]), { id, description, tooltip, contextValue: context, iconPath });
    item.accessibilityInformation = { label: spoken };
    if (isAgent(node)) item.command = { command: "soa.goToStub", title: "Go to Stub", arguments: [node] };
    return item;
  }

  dispose(): void {
    this.watching.dispose();
    this.changed.dispose();
  }

  /** Whether there were earlier runs is found out when the view is looked at for the first time. */
  private roots(): Node[] {
    if (this.earlier === undefined && this.server.client) {
      this.earlier = [];
      void this.reload();
    }
    const now = this.runs.all.map((told) => ({ ...told, past: false }));
    return this.past().length > 0 ? [...now, EARLIER] : now;
  }

  private past(): RunNode[] {
    const known = new Set(this.runs.all.map(({ run }) => run.id));
    return (this.earlier ?? []).filter((run) => !known.has(run.id)).map((run) => ({ run, at: 0, past: true }));
  }

  private async history(run?: string): Promise<readonly RunState[]> {
    const asked = this.server.client?.sendRequest(HISTORY, run === undefined ? {} : { run });
    return (await asked?.catch(() => undefined))?.runs ?? [];
  }
}
