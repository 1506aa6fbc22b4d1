/** The status bar item, its menu, and the language status of Python files. */

import type { Disposable } from "vscode";
import type { RunList } from "./runs";
import type { Server } from "./server";

/** Contributes the item and the command `soa.showMenu`. */
export declare function registerStatus(server: Server, runs: RunList): Disposable;
