/** The tree of runs and agents as rows, before they are drawn. */

import type { AgentState, RunState } from "./protocol";
import type { Told } from "./tally";
import { age, aloud, doing, duration, line, plural, tests, tokens } from "./wording";

/** A run; of an earlier session if it is `past`. `at`: when it was told of, in milliseconds since the epoch. */
export interface RunNode extends Told {
  readonly past: boolean;
}

export interface AgentNode extends RunNode {
  readonly agent: AgentState;
  /** Qualified names of its mothers, the nearest first. */
  readonly above: readonly string[];
}

export type Node = RunNode | AgentNode;

/** What is shown of a node. */
export interface Row {
  /** Another one once there is something below: VS Code unfolds a row only when it sees it for the first time. */
  readonly key: string;
  readonly label: string;
  readonly description: string;
  /** `running`, `done`, or how it ended. */
  readonly state: string;
  /** For the `when` clauses of menus. */
  readonly context: string;
  readonly opens: "open" | "closed" | "never";
  readonly spoken: string;
  readonly tooltip: string;
}

type Drawn = Omit<Row, "key" | "context" | "spoken">;

export function isAgent(node: Node): node is AgentNode {
  return "agent" in node;
}

/** The same at all times, so that what is unfolded stays so. */
export function idOf(node: Node): string {
  const run = `${node.past ? "past" : "run"}/${node.run.id}`;
  return isAgent(node) ? `${run}/${node.agent.id}` : run;
}

/** A node and all below it. */
export function family(node: Node): Node[] {
  return [node, ...below(node).flatMap(family)];
}

/** The agents directly below. */
export function below(node: Node): AgentNode[] {
  const agents = isAgent(node) ? node.agent.below : node.run.agents;
  const above = isAgent(node) ? [nameOf(node.agent), ...node.above] : [];
  return agents.map((agent) => ({ run: node.run, at: node.at, past: node.past, agent, above }));
}

/** `Ledger.post` of `src/ledger.py::Ledger.post`. */
export function nameOf(agent: AgentState): string {
  return agent.target.slice(agent.target.lastIndexOf("::") + 2);
}

/** `src/ledger.py` of the same. */
export function fileOf(agent: AgentState): string {
  return agent.target.slice(0, agent.target.lastIndexOf("::"));
}

/** @param now Milliseconds since the epoch. */
export function row(node: Node, now: number): Row {
  const drawn = isAgent(node) ? agentRow(node, now) : runRow(node, now);
  const kind = isAgent(node) ? "agent" : "run";
  const context = `${kind}.${node.past ? "past" : drawn.state === "running" ? "running" : "ended"}`;
  const key = drawn.opens === "never" ? idOf(node) : `${idOf(node)}/`;
  return { ...drawn, key, context, spoken: aloud(line(drawn.label, drawn.state, drawn.description)) };
}

function runRow({ run, at, past }: RunNode, now: number): Drawn {
  const state = outcome(run);
  const running = run.status === "running";
  const agents = running ? `${run.done}/${plural(run.total, "agent")}` : plural(run.total, "agent");
  const took = duration(run.seconds + (running ? (now - at) / 1000 : 0));
  const ago = age(Math.max(0, now / 1000 - run.began));
  const tested = tests(run.passed, run.failed);
  return {
    label: run.title,
    description: line(agents, tested, tokens(run.tokens), past ? ago : took),
    state,
    opens: past ? "closed" : "open",
    tooltip: lines(run.title, run.problem, run.model && `Model: ${run.model}`, `Began: ${new Date(run.began * 1000).toLocaleString()}`,
      line(agents, tested, plural(run.calls, "call"), tokens(run.tokens), took)),
  };
}

function agentRow({ run, at, agent }: AgentNode, now: number): Drawn {
  const running = agent.status === null && run.status === "running";
  const state = running ? "running" : (agent.status ?? "cancelled");
  const waits = agent.doing === "reading" && agent.below.some(({ status }) => status === null);
  const said = running ? doing(waits ? "waiting" : agent.doing) : state;
  const took = duration(agent.seconds + (running ? (now - at) / 1000 : 0));
  const description = line(agent.role, said, tests(agent.passed, agent.failed), tokens(agent.tokens), took);
  return {
    label: nameOf(agent),
    description,
    state,
    opens: agent.below.length > 0 ? "open" : "never",
    tooltip: lines(agent.target, description, agent.reason),
  };
}

/** How a run stands: one whose agents are known is as good as the worst of those that have a stub of its own. */
function outcome(run: RunState): string {
  const ends = run.agents.map((agent) => agent.status ?? "cancelled");
  const worst = ["failed", "cancelled", "stale", "unverified", "verified"].find((status) => ends.includes(status));
  return run.status === "done" ? (worst ?? "done") : run.status;
}

function lines(...all: readonly string[]): string {
  return all.filter(Boolean).join("\n");
}
