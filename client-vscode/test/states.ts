/** Runs and agents as the server tells of them, with what a test does not care about filled in. */

import type { AgentState, RunState } from "../src/protocol";

export function agent(given: Partial<AgentState>): AgentState {
  return {
    id: "a1", role: "child", target: "src/ledger.py::Ledger.post", depth: 0, doing: "write", status: null, reason: "",
    passed: 0, failed: 0, tokens: 0, seconds: 0, below: [], ...given,
  };
}

export function run(given: Partial<RunState>): RunState {
  return {
    id: "r1", title: "Ledger.post", folder: "file:///w", status: "running", problem: "", decompose: false, model: "m", sandbox: "",
    began: 1000, seconds: 0, done: 0, total: 1, passed: 0, failed: 0, calls: 0, tokens: 0, stubs: [], agents: [], ...given,
  };
}
