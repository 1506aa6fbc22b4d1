/** The view of agents in the side bar. */

import type { Disposable } from "vscode";
import type { RunList } from "./runs";
import type { Server } from "./server";

/** Contributes the view `soa.agents` and the commands `soa.stop`, `soa.goToStub`, `soa.refreshHistory`. */
export declare function registerAgents(server: Server, runs: RunList): Disposable;
