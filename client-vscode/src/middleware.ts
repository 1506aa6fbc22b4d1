/** What happens between VS Code and the server's answers: settings that are told, commands as users call them. */

import { CancellationError, Uri, window, workspace } from "vscode";
import type { Middleware } from "vscode-languageclient/node";
import type { Client } from "./client";
import { closeDiffs, placeOf, showDiff } from "./diff";
import { chosenInPythonExtension } from "./interpreter";
import { advice, commandArguments, type Place } from "./invoking";
import { ACCEPT, type AcceptAnswer, REGENERATE, REJECT, SHOW_DIFF } from "./protocol";
import { explicit } from "./settings";

/** @param client The client, while the server runs. */
export function middleware(client: () => Client | undefined): Middleware {
  return {
    workspace: {
      configuration: async (params) =>
        Promise.all(params.items.map((item) => settings(item.scopeUri ? Uri.parse(item.scopeUri) : undefined))),
    },
    window: {
      showDocument: async (params, token, next) => {
        if (!params.uri.endsWith(".ipynb")) return next(params, token);
        await window.showNotebookDocument(await workspace.openNotebookDocument(Uri.parse(params.uri)));
        return { success: true };
      },
    },
    executeCommand: async (command, given: unknown[], next) => {
      const args = commandArguments(command, given, place(given[0]));
      if (args === undefined) return window.showInformationMessage(advice(command));
      try {
        if (command !== SHOW_DIFF) return await invoke(command, args, (withArgs) => next(command, withArgs));
        await showDiff(client(), args[0] as Place);
      } catch (error) {
        if (!(error instanceof CancellationError)) void window.showWarningMessage(sentence(error));
      }
      return undefined;
    },
  };
}

async function invoke(command: string, args: unknown[], run: (args: unknown[]) => unknown): Promise<unknown> {
  const target = args[0] as Place & { readonly remark?: string };
  if (command === REGENERATE && target.remark === undefined) {
    const remark = await window.showInputBox({
      title: "SoA: Regenerate",
      prompt: "What should be different? Leave it empty for just another try.",
    });
    return remark === undefined ? undefined : run([remark ? { ...target, remark } : target]);
  }
  const answer = await run(args);
  const settled = [ACCEPT, REJECT].includes(command) ? (answer as AcceptAnswer | undefined) : undefined;
  if (settled?.applied) await closeDiffs(target.uri, settled.names);
  return answer;
}

/** What the server said, without the name of the command, which the user has just chosen. */
function sentence(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/^soa[./]\w+: /, "");
}

/** Where the user is: in a diff of ours, or at a line of a Python file. */
function place(given: unknown): Place | undefined {
  const editor = window.activeTextEditor;
  const uri = given instanceof Uri ? given : editor?.document.uri;
  const proposed = uri && placeOf(uri);
  if (proposed) return proposed;
  if (editor?.document.languageId !== "python") return undefined;
  const { line, character } = editor.selection.active;
  return { uri: editor.document.uri.toString(), position: { line, character } };
}

async function settings(scope: Uri | undefined): Promise<Record<string, unknown>> {
  const set = explicit(scope);
  const python = set["python"] === undefined ? await chosenInPythonExtension(scope) : undefined;
  return python === undefined ? set : { ...set, python };
}
