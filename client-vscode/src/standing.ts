/** What the status bar says, and what its menu offers. */

import type { Totals } from "./tally";
import { line, plural, tokens } from "./wording";

const LONGEST = 28;

/** How things stand. */
export interface Standing {
  readonly server: "stopped" | "starting" | "running" | "failed";
  readonly trusted: boolean;
  /** Name of the model in use; empty: found by itself. */
  readonly model: string;
  readonly totals: Totals;
}

/** `MODEL`, in the room that a status bar has. */
export function modelName(model: string): string {
  const name = model.startsWith("recorded:") ? "recorded replies" : model || "automatic";
  return name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name;
}

/** The item's icon and text. */
export function itemText({ server, trusted, model, totals }: Standing): readonly [icon: string, text: string] {
  if (server === "failed") return ["warning", "SoA: server failed"];
  if (server === "starting") return ["loading~spin", "SoA: starting"];
  if (server === "stopped") return ["circle-slash", "SoA: stopped"];
  if (!trusted) return ["shield", "SoA: untrusted"];
  const at = totals.agents > 0 ? plural(totals.agents, "agent") : "";
  return [totals.running > 0 ? "loading~spin" : "sparkle", line(`SoA: ${modelName(model)}`, at, tokens(totals.tokens))];
}

/** What can be done now, the most urgent first: with the name of a codicon and a command. */
export function entries({ server, trusted, totals }: Standing) {
  const all: readonly (readonly [applies: boolean, icon: string, label: string, command: string])[] = [
    [totals.running > 0, "debug-stop", "Cancel All Runs", "soa.cancel"],
    [!trusted, "shield", "Manage Workspace Trust", "workbench.trust.manage"],
    [server === "failed" || server === "stopped", "debug-restart", "Restart Server", "soa.restart"],
    [trusted, "chip", "Choose Model…", "soa.chooseModel"],
    [trusted, "pulse", "Show What Works Here (Doctor)", "soa.doctor"],
    [true, "key", "Set API Key…", "soa.setKey"],
    [trusted, "type-hierarchy-sub", "Show Agents", "soa.agents.focus"],
    [server === "running", "debug-restart", "Restart Server", "soa.restart"],
    [true, "output", "Show Log", "soa.showLog"],
  ];
  return all.filter(([applies]) => applies).map(([, icon, label, command]) => ({ label, icon, command }));
}
