/** The status bar item, its menu, and the language status of Python files. */

import {
  commands, Disposable, languages, LanguageStatusSeverity, MarkdownString, StatusBarAlignment, ThemeColor, ThemeIcon, window, workspace,
} from "vscode";
import type { RunList } from "./runs";
import type { Server } from "./server";
import { text } from "./settings";
import { entries, itemText, modelName, spending, type Standing } from "./standing";
import { aloud, line } from "./wording";

const MENU = "soa.showMenu";
const PYTHON = { language: "python" };
const CHOOSE = { command: "soa.chooseModel", title: "Choose Model" };
const CANCEL_ALL = { command: "soa.cancel", title: "Cancel All" };
const AGENTS = { command: "soa.agents.focus", title: "Show Agents" };
const WARNING = new ThemeColor("statusBarItem.warningBackground");

/** Contributes the item and the command `soa.showMenu`. */
export function registerStatus(server: Server, runs: RunList): Disposable {
  const item = makeItem();
  const model = languages.createLanguageStatusItem("soa.model", PYTHON);
  const work = languages.createLanguageStatusItem("soa.runs", PYTHON);
  model.name = "SoA Model";
  work.name = "SoA Runs";
  const draw = () => {
    const now = standing(server, runs);
    item.text = itemText(now);
    item.accessibilityInformation = { label: aloud(item.text.replace(/\$\(.*?\) /, "")), role: "button" };
    item.backgroundColor = now.server === "failed" ? WARNING : undefined;
    item.tooltip = tooltip(now);
    Object.assign(model, { text: `SoA: ${modelName(now.model)}`, command: CHOOSE });
    const severity = now.server === "failed" ? LanguageStatusSeverity.Warning : LanguageStatusSeverity.Information;
    const busy = now.totals.running > 0;
    const said = line(busy ? "" : "nothing running", ...spending(now.totals)) || "starting";
    Object.assign(work, { text: `SoA: ${said}`, severity, busy, command: busy ? CANCEL_ALL : AGENTS });
  };
  draw();
  return Disposable.from(
    item, model, work,
    server.onDidChangeState(draw),
    runs.onDidChange(draw),
    workspace.onDidGrantWorkspaceTrust(draw),
    window.onDidChangeActiveTextEditor(draw),
    workspace.onDidChangeConfiguration((change) => { if (change.affectsConfiguration("soa.model")) draw(); }),
    commands.registerCommand(MENU, () => showMenu(standing(server, runs))),
  );
}

function makeItem() {
  const item = window.createStatusBarItem("soa.status", StatusBarAlignment.Right, 100);
  item.name = "SoA";
  item.command = MENU;
  item.show();
  return item;
}

function standing(server: Server, runs: RunList): Standing {
  const set = text("model", window.activeTextEditor?.document.uri);
  return {
    server: server.state,
    trusted: workspace.isTrusted,
    model: set || runs.model,
    totals: runs.totals,
  };
}

async function showMenu(now: Standing): Promise<void> {
  const items = entries(now).map(({ label, icon, command }) => ({ label, command, iconPath: new ThemeIcon(icon) }));
  const placeHolder = line(modelName(now.model), ...spending(now.totals));
  const chosen = await window.showQuickPick(items, { title: "SoA", placeHolder });
  if (chosen) await commands.executeCommand(chosen.command);
}

/** Says the same in full, with links to what can be done; only to that. */
function tooltip(now: Standing): MarkdownString {
  const offered = entries(now);
  const markdown = new MarkdownString("", true);
  markdown.isTrusted = { enabledCommands: offered.map(({ command }) => command) };
  markdown.appendMarkdown("**SoA** · ").appendText(line(now.model || "model found by itself", ...spending(now.totals)));
  markdown.appendMarkdown(`\n\n${offered.map(({ label, icon, command }) => `[$(${icon}) ${label}](command:${command})`).join("  \n")}`);
  return markdown;
}
