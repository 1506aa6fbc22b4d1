/** The status bar item, its menu, and the language status of Python files. */

import {
  commands, Disposable, languages, LanguageStatusSeverity, MarkdownString, StatusBarAlignment, ThemeColor, ThemeIcon, window, workspace,
} from "vscode";
import type { RunList } from "./runs";
import type { Server } from "./server";
import { text } from "./settings";
import { entries, itemText, type Standing } from "./standing";
import { aloud } from "./wording";

const MENU = "soa.showMenu";

/** Contributes the items and the command `soa.showMenu`. */
export function registerStatus(server: Server, runs: RunList): Disposable {
  const item = window.createStatusBarItem("soa.status", StatusBarAlignment.Right, 100);
  const inFiles = languages.createLanguageStatusItem("soa.status", { language: "python" });
  item.name = inFiles.name = "SoA";
  item.command = MENU;
  inFiles.command = { command: "soa.chooseModel", title: "Choose Model" };
  const draw = () => {
    const now = standing(server, runs);
    const failed = now.server === "failed";
    const [icon, said] = itemText(now);
    Object.assign(item, { text: `$(${icon}) ${said}`, accessibilityInformation: { label: aloud(said), role: "button" }, tooltip: tooltip(now) });
    item.backgroundColor = failed ? new ThemeColor("statusBarItem.warningBackground") : undefined;
    const severity = failed ? LanguageStatusSeverity.Warning : LanguageStatusSeverity.Information;
    Object.assign(inFiles, { text: said, busy: now.totals.running > 0, severity });
  };
  draw();
  item.show();
  return Disposable.from(
    item, inFiles,
    server.onDidChangeState(draw),
    runs.onDidChange(draw),
    workspace.onDidGrantWorkspaceTrust(draw),
    window.onDidChangeActiveTextEditor(draw),
    workspace.onDidChangeConfiguration((change) => { if (change.affectsConfiguration("soa.model")) draw(); }),
    commands.registerCommand(MENU, () => showMenu(standing(server, runs))),
  );
}

function standing(server: Server, runs: RunList): Standing {
  const set = text("model", window.activeTextEditor?.document.uri);
  return { server: server.state, trusted: workspace.isTrusted, model: set || runs.model, totals: runs.totals };
}

async function showMenu(now: Standing): Promise<void> {
  const items = entries(now).map(({ label, icon, command }) => ({ label, command, iconPath: new ThemeIcon(icon) }));
  const [, placeHolder] = itemText(now);
  const chosen = await window.showQuickPick(items, { title: "SoA", placeHolder });
  if (chosen) await commands.executeCommand(chosen.command);
}

/** The model in full, with links to what can be done; only to that. */
function tooltip(now: Standing): MarkdownString {
  const offered = entries(now);
  const markdown = new MarkdownString("", true);
  markdown.isTrusted = { enabledCommands: offered.map(({ command }) => command) };
  markdown.appendMarkdown("**SoA** · ").appendText(now.model || "model found by itself");
  markdown.appendMarkdown(`\n\n${offered.map(({ label, icon, command }) => `[$(${icon}) ${label}](command:${command})`).join("  \n")}`);
  return markdown;
}
