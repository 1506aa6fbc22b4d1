/**
 * Ids and messages that the client and the server share.
 *
 * Mirrors `server/soa/lsp/names.py` and `server/soa/lsp/custom.py`; a test compares them.
 */

export const IMPLEMENT = "soa.implement";
export const IMPLEMENT_FILE = "soa.implementFile";
export const IMPLEMENT_WORKSPACE = "soa.implementWorkspace";
export const DECOMPOSE = "soa.decompose";
export const ACCEPT = "soa.accept";
export const REJECT = "soa.reject";
export const REGENERATE = "soa.regenerate";
export const CANCEL = "soa.cancel";
export const SHOW_DIFF = "soa.showDiff";
export const SHOW_EXCHANGES = "soa.showExchanges";
export const GO_TO_STUB = "soa.goToStub";
export const COMMANDS = [
  IMPLEMENT, IMPLEMENT_FILE, IMPLEMENT_WORKSPACE, DECOMPOSE, ACCEPT, REJECT, REGENERATE, CANCEL, SHOW_DIFF, SHOW_EXCHANGES, GO_TO_STUB,
] as const;

export interface StubName {
  readonly uri: string;
  readonly file: string;
  readonly name: string;
}

export interface AgentState {
  readonly id: string;
  readonly role: "child" | "mother" | "tester";
  readonly target: string;
  readonly depth: number;
  readonly doing: string;
  readonly status: string | null;
  readonly reason: string;
  readonly passed: number;
  readonly failed: number;
  readonly tokens: number;
  readonly seconds: number;
  readonly below: readonly AgentState[];
}

export interface RunState {
  readonly id: string;
  readonly title: string;
  readonly folder: string;
  readonly status: "running" | "done" | "cancelled" | "failed";
  readonly problem: string;
  readonly decompose: boolean;
  readonly model: string;
  readonly sandbox: string;
  readonly began: number;
  readonly seconds: number;
  readonly done: number;
  readonly total: number;
  readonly passed: number;
  readonly failed: number;
  readonly calls: number;
  readonly tokens: number;
  readonly stubs: readonly StubName[];
  readonly agents: readonly AgentState[];
}

export interface Runs {
  readonly runs: readonly RunState[];
}

export interface HistoryParams {
  readonly run?: string;
  readonly limit?: number;
}

export interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

export interface ProposalParams {
  readonly uri: string;
  readonly name?: string;
  readonly position?: { readonly line: number; readonly character: number };
}

/** What of a proposal is used here; the server tells more. */
export interface ProposalText {
  readonly uri: string;
  readonly reason: string;
  readonly proposed: string;
  readonly title: string;
  readonly line: number;
}

export interface AcceptAnswer {
  readonly applied: boolean;
  readonly reason: string;
  readonly names: readonly string[];
}

export interface CompleteParams {
  readonly run: string;
  readonly agent: string;
  readonly step: string;
  readonly target: string;
  readonly depth: number;
  readonly messages: readonly ChatMessage[];
  readonly model: string;
}

export interface Completion {
  readonly text: string;
  readonly promptTokens?: number;
  readonly completionTokens?: number;
  readonly cut?: boolean;
}

/** A message by its method, with the types of what it carries and what comes back. */
export interface Message<P, R> {
  readonly method: string;
  readonly carries?: P;
  readonly brings?: R;
}

export const RUNS = request<null, Runs>("soa/runs");
export const RUN_CHANGED = notification<RunState>("soa/runChanged");
export const HISTORY = request<HistoryParams, Runs>("soa/history");
export const PROPOSAL = request<ProposalParams, ProposalText>("soa/proposal");
export const COMPLETE = request<CompleteParams, Completion>("soa/complete");

function request<P, R>(method: string): Message<P, R> {
  return { method };
}

function notification<P>(method: string): Message<P, void> {
  return { method };
}
