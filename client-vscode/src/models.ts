/** The picker of models: the editor's own, those that SoA finds, and what the user enters. */

import {
  CancellationTokenSource, commands, ConfigurationTarget, lm, type QuickPick, type QuickPickItem, QuickPickItemKind,
  window, workspace, type WorkspaceFolder,
} from "vscode";
import { homedir } from "node:os";
import { isHosted, nameOf, offers, problemWith } from "./choosing";
import { examine, type Finding, withoutModel } from "./findings";
import type { Keys } from "./keys";
import type { Launch } from "./process";
import { explicit, text } from "./settings";

/** What can be chosen; without `choose` it is a title. */
interface Item extends QuickPickItem {
  readonly choose?: () => Thenable<unknown>;
}

/** Have the user choose a model for one folder, or for all windows, and write it to the settings. */
export async function chooseModel(launch: Launch, keys: Keys): Promise<void> {
  if (!workspace.isTrusted) return commands.executeCommand("workbench.trust.manage");
  const several = (workspace.workspaceFolders?.length ?? 0) > 1;
  const folder = several ? await window.showWorkspaceFolderPick() : workspace.workspaceFolders?.[0];
  if (!several || folder) await new Choice(launch, keys, folder, several).ask();
}

class Choice {
  constructor(
    private readonly launch: Launch,
    private readonly keys: Keys,
    private readonly folder: WorkspaceFolder | undefined,
    private readonly several: boolean,
  ) {}

  /** Show what there is: the editor's models at once, the others when the doctor has found them. */
  async ask(): Promise<void> {
    const picker = window.createQuickPick<Item>();
    const looking = new CancellationTokenSource();
    picker.title = `SoA: Model${this.several && this.folder ? ` for ${this.folder.name}` : ""}`;
    picker.placeholder = `Now: ${text("model", this.folder) || "the one that is found"}`;
    picker.matchOnDescription = true;
    picker.busy = true;
    const chosen = new Promise<Item | undefined>((resolve) => {
      picker.onDidAccept(() => { resolve(picker.selectedItems[0]); });
      picker.onDidHide(() => { resolve(undefined); });
    });
    picker.show();
    void this.fill(picker, looking);
    const item = await chosen;
    looking.cancel();
    picker.dispose();
    await item?.choose?.();
  }

  private async fill(picker: QuickPick<Item>, looking: CancellationTokenSource): Promise<void> {
    const [own, other] = await Promise.all([this.editors(), this.others()]);
    picker.items = [...own, ...other];
    try {
      const settings = withoutModel(explicit(this.folder));
      const findings = await examine(this.launch, settings, this.folder?.uri.fsPath ?? homedir(), looking.token);
      const [first] = picker.activeItems;
      picker.items = [...own, ...this.found(findings ?? []), ...other];
      picker.activeItems = first ? [first] : [];
    } catch (error) {
      picker.placeholder = error instanceof Error ? error.message : String(error);
    }
    picker.busy = false;
  }

  private async editors(): Promise<Item[]> {
    const models = await lm.selectChatModels();
    const items = models.map((model) => {
      const name = `editor:${nameOf(model, models)}`;
      return { label: model.name, description: name, choose: () => this.write({ model: name }) };
    });
    return section("The editor's own", items);
  }

  private found(findings: readonly Finding[]): Item[] {
    const items = offers(findings).map(({ model, baseUrl, where }) => {
      return { label: model, description: where, choose: () => this.write({ model, baseUrl }) };
    });
    const none = { label: "No server with a model was found", choose: () => commands.executeCommand("soa.doctor") };
    return section("Found by SoA", items.length ? items : [none]);
  }

  private async others(): Promise<Item[]> {
    const key = { label: "$(key) Set API key…", choose: () => this.enterKey() };
    return section("Others", [
      { label: "$(edit) Enter a model name…", choose: () => this.enterName() },
      { label: "$(globe) Enter an endpoint…", choose: () => this.enterEndpoint() },
      ...((await this.hasKey()) ? [] : [key]),
    ]);
  }

  private async enterName(): Promise<void> {
    const prompt = "As its endpoint knows it; editor:NAME for one of the editor's own.";
    const model = await window.showInputBox({ title: "SoA: Model", prompt, value: text("model", this.folder) });
    if (model !== undefined) await this.write({ model: model.trim() });
  }

  /** Ask for an address, then show the models there. */
  private async enterEndpoint(): Promise<void> {
    const prompt = "Root of an OpenAI-compatible API.";
    const value = text("baseUrl", this.folder) || "http://localhost:11434/v1";
    const entered = await window.showInputBox({ title: "SoA: Endpoint", prompt, value, validateInput: problemWith });
    if (entered === undefined) return;
    await this.write({ model: "", baseUrl: entered.trim() });
    await this.ask();
  }

  private async enterKey(): Promise<void> {
    await commands.executeCommand("soa.setKey");
    await this.ask();
  }

  /** Write to the folder's settings if there are several, else to where a value is already, else to the user's. */
  private async write(values: { readonly model: string; readonly baseUrl?: string }): Promise<void> {
    const section = workspace.getConfiguration("soa", this.folder ?? null);
    const here = Object.keys(values).some((name) => section.inspect(name)?.workspaceValue !== undefined);
    const single = here ? ConfigurationTarget.Workspace : ConfigurationTarget.Global;
    const target = this.several ? ConfigurationTarget.WorkspaceFolder : single;
    for (const [name, value] of Object.entries(values)) await section.update(name, value, target);
    if (values.baseUrl && isHosted(values.baseUrl) && !(await this.hasKey())) await commands.executeCommand("soa.setKey");
  }

  private async hasKey(): Promise<boolean> {
    return Boolean({ ...process.env, ...(await this.keys.environment()) }["OPENAI_API_KEY"]);
  }
}

function section(label: string, items: readonly Item[]): Item[] {
  return items.length ? [{ label, kind: QuickPickItemKind.Separator }, ...items] : [];
}
