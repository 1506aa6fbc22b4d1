/** What works here, what does not, and what to do: as SoA's doctor sees it, and as the client does. */

import { homedir } from "node:os";
import {
  type CancellationToken, commands, type Disposable, env, EventEmitter, lm, ProgressLocation,
  type TextDocumentContentProvider, Uri, version, window, workspace, type WorkspaceFolder,
} from "vscode";
import { editorsName, meant } from "./choosing";
import { examine, type Finding, plain, sections, titleOf, troubles, withoutModel } from "./findings";
import { chosenInPythonExtension } from "./interpreter";
import type { Launch } from "./process";
import { explicit, text } from "./settings";

const PAGE = Uri.from({ scheme: "soa-doctor", path: "/SoA Doctor.md" });

/** The page, as a document of the scheme `soa-doctor`. */
export class Doctor implements TextDocumentContentProvider, Disposable {
  private readonly changed = new EventEmitter<Uri>();
  readonly onDidChange = this.changed.event;
  private page = "";

  /** @param own Version of the extension. */
  constructor(private readonly launch: Launch, private readonly own: string) {}

  /** Look at everything for the folder of the active editor, and show what was found. */
  async show(): Promise<void> {
    if (!workspace.isTrusted) return commands.executeCommand("workbench.trust.manage");
    const options = { location: ProgressLocation.Notification, title: "SoA: looking at what works here", cancellable: true };
    const page = await window.withProgress(options, (_, token) => this.look(currentFolder(), token));
    if (page === undefined) return;
    this.page = page;
    this.changed.fire(PAGE);
    await commands.executeCommand("markdown.showPreview", PAGE);
  }

  provideTextDocumentContent(): string {
    return this.page;
  }

  dispose(): void {
    this.changed.dispose();
  }

  private async look(folder: WorkspaceFolder | undefined, token: CancellationToken): Promise<string | undefined> {
    try {
      const { command } = await this.launch();
      const findings = await this.examine(folder, token);
      return findings && [head(findings, folder), sections(findings), await client(this.own, command)].join("\n\n");
    } catch (error) {
      return `# SoA does not start\n\n${plain(error instanceof Error ? error.message : String(error))}\n`;
    }
  }

  /** The doctor's findings; of the editor's own models it knows nothing. */
  private async examine(folder: WorkspaceFolder | undefined, token: CancellationToken): Promise<readonly Finding[] | undefined> {
    const settings = { python: await chosenInPythonExtension(folder?.uri), ...explicit(folder) };
    const own = editorsName(text("model", folder));
    const asked = own === undefined ? settings : withoutModel(settings);
    const found = await examine(this.launch, asked, folder?.uri.fsPath ?? homedir(), token);
    if (own === undefined || found === undefined) return found;
    return [await editors(own), ...found.filter((one) => one.part !== "model")];
  }
}

/** The folder of the active editor, else the first one. */
function currentFolder(): WorkspaceFolder | undefined {
  const active = window.activeTextEditor?.document.uri;
  return (active && workspace.getWorkspaceFolder(active)) ?? workspace.workspaceFolders?.[0];
}

async function editors(name: string): Promise<Finding> {
  const models = await lm.selectChatModels();
  const found = meant(models, name);
  const detail = found.map((model) => model.name).join(", ");
  const missing = models.length ? "No model of the editor's is called that." : "Install a chat extension and sign in there.";
  const rest = { detail, advice: found.length ? "" : missing, models: [], base_url: "" };
  return { part: "model", what: name ? `editor:${name}` : "editor", works: found.length > 0, ...rest };
}

/** What the client itself knows. */
async function client(own: string, python: string): Promise<string> {
  const models = (await lm.selectChatModels()).map((model) => plain(model.name));
  return [
    "## This extension",
    `Version ${plain(own)} in ${plain(env.appName)} ${plain(version)}.`,
    `Its server runs on **${plain(python)}** with all compiled packages that it needs.`,
    `The editor's own language models: ${models.join(", ") || "none"}.`,
  ].join("\n\n");
}

function head(findings: readonly Finding[], folder: WorkspaceFolder | undefined): string {
  const failing = troubles(findings, explicit(folder)["sandbox"]);
  const where = folder ? ` in ${plain(folder.name)}` : "";
  if (failing.length === 0) return `# All that SoA needs works${where}`;
  const choose = failing.includes("model") ? "\n\nThe command *SoA: Choose Model…* sets a model." : "";
  return `# Something is missing${where}: ${failing.map(titleOf).join(", ").toLowerCase()}${choose}`;
}
