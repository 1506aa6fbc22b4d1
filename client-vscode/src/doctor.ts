/** What works here, what does not, and what to do: as SoA's doctor sees it, and as the client does. */

import { homedir } from "node:os";
import {
  commands, type Disposable, env, EventEmitter, lm, ProgressLocation, type TextDocumentContentProvider, Uri, version, window, workspace,
  type WorkspaceFolder,
} from "vscode";
import { editorsName, meant } from "./choosing";
import { examine, type Finding, plain, sections, titleOf, troubles } from "./findings";
import { chosenInPythonExtension } from "./interpreter";
import type { Launch } from "./process";
import { explicit, text } from "./settings";

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
    const stop = new AbortController();
    const options = { location: ProgressLocation.Notification, title: "SoA: looking at what works here", cancellable: true };
    const page = await window.withProgress(options, (_, token) => {
      token.onCancellationRequested(() => { stop.abort(); });
      return this.look(currentFolder(), stop.signal);
    });
    if (stop.signal.aborted) return;
    const uri = Uri.from({ scheme: "soa-doctor", path: "/SoA Doctor.md" });
    this.page = page;
    this.changed.fire(uri);
    await commands.executeCommand("markdown.showPreview", uri);
  }

  provideTextDocumentContent(): string {
    return this.page;
  }

  dispose(): void {
    this.changed.dispose();
  }

  /** The doctor's findings and our own; of the editor's models the doctor knows nothing. */
  private async look(folder: WorkspaceFolder | undefined, signal: AbortSignal): Promise<string> {
    try {
      const set = { python: await chosenInPythonExtension(folder?.uri), ...explicit(folder) };
      const name = editorsName(text("model", folder));
      const asked = name === undefined ? set : { ...set, model: undefined };
      const found = await examine(this.launch, asked, folder?.uri.fsPath ?? homedir(), signal);
      const detail = `in ${env.appName} ${version}; its server runs on ${(await this.launch()).command}`;
      const own = { part: "extension", what: `Version ${this.own}`, works: true, detail, advice: "" };
      const models = name === undefined ? found : [await editors("model", name), ...found.filter((one) => one.part !== "model")];
      const all = [...models.filter((one) => one.part !== "editor"), own, await editors("extension", "")];
      return `${head(all, folder)}\n\n${sections(all)}\n`;
    } catch (error) {
      return `# Nothing can be said of what works here\n\n${plain(error instanceof Error ? error.message : String(error))}\n`;
    }
  }
}

/** The folder of the active editor, else the first one. */
function currentFolder(): WorkspaceFolder | undefined {
  const active = window.activeTextEditor?.document.uri;
  return (active && workspace.getWorkspaceFolder(active)) ?? workspace.workspaceFolders?.[0];
}

/** The editor's own models that a name means; all without one. */
async function editors(part: string, name: string): Promise<Finding> {
  const models = await lm.selectChatModels().then(undefined, () => []);
  const found = meant(models, name);
  const detail = found.map((model) => model.name).join(", ");
  const missing = models.length ? "No model of the editor's is called that." : "There are none; chat extensions bring some.";
  const what = name ? `editor:${name}` : "The editor's own language models";
  return { part, what, works: found.length > 0, detail, advice: found.length ? "" : missing };
}

function head(findings: readonly Finding[], folder: WorkspaceFolder | undefined): string {
  const failing = troubles(findings, explicit(folder)["sandbox"]);
  const where = folder ? ` in ${plain(folder.name)}` : "";
  if (failing.length === 0) return `# All that SoA needs works${where}`;
  const choose = failing.includes("model") ? "\n\nThe command *SoA: Choose Model…* sets a model." : "";
  return `# Something is missing${where}: ${failing.map(titleOf).join(", ").toLowerCase()}${choose}`;
}
