/** The picker of models: the editor's own, those that SoA finds, and what the user enters. */

import {
  commands, ConfigurationTarget, lm, type QuickPick, type QuickPickItem, QuickPickItemKind, window, workspace,
  type WorkspaceConfiguration, type WorkspaceFolder,
} from "vscode";
import { homedir } from "node:os";
import { isAddress, isHosted, isSet, nameOf, offers, problemWith } from "./choosing";
import { examine } from "./findings";
import type { Keys } from "./keys";
import type { Launch } from "./process";
import { explicit, text } from "./settings";

const ENDPOINT = ["OPENAI_API_KEY", "OPENAI_BASE_URL", "SOA_BASE_URL"];

/** What can be chosen; without `choose` it is a title. */
interface Item extends QuickPickItem {
  readonly choose?: () => Thenable<unknown>;
}

/** Have the user choose a model for one folder, or for all windows, and write it to the settings. */
export async function chooseModel(launch: Launch, keys: Keys): Promise<void> {
  if (!workspace.isTrusted) return commands.executeCommand("workbench.trust.manage");
  const folder = several() ? await window.showWorkspaceFolderPick() : workspace.workspaceFolders?.[0];
  if (!several() || folder) await new Choice(launch, keys, folder).ask();
}

function several(): boolean {
  return (workspace.workspaceFolders?.length ?? 0) > 1;
}

class Choice {
  constructor(private readonly launch: Launch, private readonly keys: Keys, private readonly folder: WorkspaceFolder | undefined) {}

  /** Show what there is: the editor's models at once, the others when the doctor has found them. */
  async ask(): Promise<void> {
    const picker = window.createQuickPick<Item>();
    const looking = new AbortController();
    picker.title = `SoA: Model${several() && this.folder ? ` for ${this.folder.name}` : ""}`;
    picker.placeholder = `Now: ${text("model", this.folder) || "the one that is found"}`;
    picker.matchOnDescription = true;
    picker.busy = true;
    const item = await new Promise<Item | undefined>((resolve) => {
      picker.onDidAccept(() => { resolve(picker.selectedItems[0]); });
      picker.onDidHide(() => { resolve(undefined); });
      picker.show();
      void this.fill(picker, looking.signal);
    });
    looking.abort();
    picker.dispose();
    await item?.choose?.();
  }

  private async fill(picker: QuickPick<Item>, signal: AbortSignal): Promise<void> {
    const own = await this.editors();
    const other = section("Others", [{ label: "$(edit) Enter a model or an endpoint…", choose: () => this.enter() }]);
    picker.items = [...own, ...other];
    try {
      const found = await this.found(signal);
      const [first] = picker.activeItems;
      picker.items = [...own, ...found, ...other];
      picker.activeItems = first ? [first] : [];
    } catch (error) {
      picker.placeholder = error instanceof Error ? error.message : String(error);
    }
    picker.busy = false;
  }

  private async editors(): Promise<Item[]> {
    const models = await lm.selectChatModels().then(undefined, () => []);
    return section("The editor's own", models.map((model) => {
      const name = `editor:${nameOf(model, models)}`;
      return { label: model.name, description: name, choose: () => this.write({ model: name }) };
    }));
  }

  private async found(signal: AbortSignal): Promise<Item[]> {
    const settings = { ...explicit(this.folder), model: undefined };
    const findings = await examine(this.launch, settings, this.folder?.uri.fsPath ?? homedir(), signal);
    const set = text("baseUrl", this.folder) === "" && findings.some(isSet);
    const items = offers(findings, !set && !(await this.environ(ENDPOINT))).map(({ model, baseUrl, where }) => {
      return { label: model, description: where, choose: () => this.write({ model, baseUrl }) };
    });
    const none = { label: "No server with a model was found", choose: () => commands.executeCommand("soa.doctor") };
    return section("Found by SoA", items.length ? items : [none]);
  }

  /** Ask for a name, or for an address to show the models of. */
  private async enter(): Promise<void> {
    const prompt = "A model's name, or the root of an OpenAI-compatible API, such as http://localhost:11434/v1.";
    const value = text("model", this.folder);
    const entered = await window.showInputBox({ title: "SoA: Model or Endpoint", prompt, value, validateInput: problemWith });
    if (entered === undefined) return;
    if (!isAddress(entered)) return this.write({ model: entered.trim() });
    await this.write({ model: "", baseUrl: entered.trim() });
    await this.ask();
  }

  private async write(values: { readonly model: string; readonly baseUrl?: string }): Promise<void> {
    const section = workspace.getConfiguration("soa", this.folder ?? null);
    const target = this.target(["model", "baseUrl"].map((name) => section.inspect(name)));
    for (const [name, value] of Object.entries(values)) {
      if (value || section.get(name)) await section.update(name, value, target);
    }
    if (isHosted(values.baseUrl ?? "") && !(await this.environ(["OPENAI_API_KEY"]))) await commands.executeCommand("soa.setKey");
  }

  /** The folder's settings if there are several, else the narrowest where something is set, else the user's. */
  private target(set: readonly ReturnType<WorkspaceConfiguration["inspect"]>[]): ConfigurationTarget {
    const { WorkspaceFolder, Workspace, Global } = ConfigurationTarget;
    if (several() || set.some((one) => one?.workspaceFolderValue !== undefined)) return WorkspaceFolder;
    return set.some((one) => one?.workspaceValue !== undefined) ? Workspace : Global;
  }

  /** Whether the server finds one of some variables in its environment. */
  private async environ(names: readonly string[]): Promise<boolean> {
    const all = { ...process.env, ...(await this.keys.environment()) };
    return names.some((name) => all[name]);
  }
}

function section(label: string, items: readonly Item[]): Item[] {
  return items.length ? [{ label, kind: QuickPickItemKind.Separator }, ...items] : [];
}
