/** What an agent asked and was answered, as a read-only document. */

import type { Disposable } from "vscode";
import type { RunList } from "./runs";
import type { Server } from "./server";

/** Contributes documents `soa-exchanges:` and the command `soa.showExchanges`. */
export declare function registerExchanges(server: Server, runs: RunList): Disposable;
