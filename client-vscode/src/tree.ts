/** The tree of runs and agents as rows, before they are drawn. */

import type { AgentState, RunState } from "./protocol";
import type { Told } from "./tally";
import { aloud, doing, duration, line, plural, tests, tokens } from "./wording";

/** A run, or one of its agents; of an earlier session if it is `past`. `at`: when it was told of, in milliseconds since the epoch. */
export interface Node extends Told {
  readonly past: boolean;
  readonly agent?: AgentState;
}

/** The same at all times, so that what is unfolded stays so. */
export function idOf({ run, agent, past }: Node): string {
  return [past ? "past" : "run", run.id, ...(agent ? [agent.id] : [])].join("/");
}

/** The run, and the agent if it is one's, that an id is for; as commands of the server take them. */
export function fromId(id: string): { readonly run: string; readonly agent?: string } {
  const [, run = "", agent] = id.split("/");
  return agent === undefined ? { run } : { run, agent };
}

/** The agents directly below. */
export function below({ run, at, past, agent }: Node): Node[] {
  return (agent?.below ?? run.agents).map((one) => ({ run, at, past, agent: one }));
}

/**
 * What is shown of a node.
 *
 * @param now Milliseconds since the epoch.
 * @returns `state`: `running`, `done`, or how it ended. `context`: for the `when` clauses of menus. `key`: another one once
 * there is something below, because VS Code unfolds a row only when it sees it for the first time.
 */
export function row(node: Node, now: number) {
  const { run, agent, past, at } = node;
  const state = agent ? ending(run, agent) : outcome(run);
  const label = agent ? agent.target.slice(agent.target.lastIndexOf("::") + 2) : run.title;
  const said = agent ? ofAgent(run, agent, state, now - at) : ofRun(run, past, now - at);
  // The icon says how it ended; why it did not go well stands where there is room.
  const description = line(said, state === "verified" ? "" : (agent?.reason ?? run.problem));
  const opens = openness(node);
  const key = opens === "None" ? idOf(node) : `${idOf(node)}/`;
  const spoken = aloud(line(label, state, description));
  return { key, label, description, state, context: context(node, state), opens, spoken, tooltip: tooltip(node, state, said) };
}

function context({ agent, past }: Node, state: string): string {
  return `${agent ? "agent" : "run"}.${past ? "past" : state === "running" ? "running" : "ended"}`;
}

function tooltip({ run, agent }: Node, state: string, said: string): string {
  const all = agent
    ? [agent.target, line(state, said), agent.reason]
    : [run.title, line(state, said, plural(run.calls, "call")), run.problem, run.model && `Model: ${run.model}`, `Began: ${began(run)}`];
  return all.filter(Boolean).join("\n");
}

function openness({ agent, past }: Node): "Expanded" | "Collapsed" | "None" {
  if (agent) return agent.below.length > 0 ? "Expanded" : "None";
  return past ? "Collapsed" : "Expanded";
}

/** @param since Milliseconds since it was told of. */
function ofAgent(run: RunState, agent: AgentState, state: string, since: number): string {
  const running = state === "running";
  const waits = agent.doing === "reading" && agent.below.some(({ status }) => status === null);
  const took = duration(agent.seconds + (running ? since / 1000 : 0));
  const tested = tests(agent.passed, agent.failed, run.sandbox);
  return line(running ? doing(waits ? "waiting" : agent.doing) : "", tested, took, tokens(agent.tokens), agent.role);
}

function ofRun(run: RunState, past: boolean, since: number): string {
  const running = run.status === "running";
  const agents = running ? `${run.done}/${run.total} agents` : plural(run.total, "agent");
  const took = duration(run.seconds + (running ? since / 1000 : 0));
  return line(agents, tests(run.passed, run.failed, run.sandbox), past ? began(run) : took, tokens(run.tokens));
}

function began(run: RunState): string {
  return new Date(run.began * 1000).toLocaleString(undefined, { dateStyle: "short", timeStyle: "short" });
}

function ending(run: RunState, { status }: AgentState): string {
  return status ?? (run.status === "running" ? "running" : "cancelled");
}

/** How a run stands: one whose agents are known is as good as the worst of those that have a stub of its own. */
function outcome(run: RunState): string {
  const ends = run.agents.map((agent) => ending(run, agent));
  const worst = ["failed", "cancelled", "stale", "unverified", "verified"].find((status) => ends.includes(status));
  return run.status === "done" ? (worst ?? "done") : run.status;
}
