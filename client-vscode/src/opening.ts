/** From an agent to the stub that it is at. */

import { NotebookRange, Range, Uri, window, workspace } from "vscode";
import { locate } from "./locate";
import { fileOf, isAgent, nameOf, type Node } from "./tree";

/** Open the file of a run's or an agent's stub and show the stub; of a helper that is not there yet, its mother's. */
export async function openStub(node: Node): Promise<void> {
  const { uri, names } = place(node);
  if (uri === undefined) return;
  if (uri.path.endsWith(".ipynb")) return openCell(uri, names);
  const document = await workspace.openTextDocument(uri);
  const line = locate(document.getText(), names) ?? 0;
  await window.showTextDocument(document, { selection: new Range(line, 0, line, 0) });
}

async function openCell(uri: Uri, names: readonly string[]): Promise<void> {
  const notebook = await workspace.openNotebookDocument(uri);
  const cell = Math.max(0, notebook.getCells().findIndex(({ document }) => locate(document.getText(), names) !== undefined));
  await window.showNotebookDocument(notebook, { selections: [new NotebookRange(cell, cell + 1)] });
}

function place(node: Node): { readonly uri: Uri | undefined; readonly names: readonly string[] } {
  const { stubs, folder } = node.run;
  const file = isAgent(node) ? fileOf(node.agent) : stubs[0]?.file;
  const names = isAgent(node) ? [nameOf(node.agent), ...node.above] : stubs.map(({ name }) => name);
  const known = stubs.find((stub) => stub.file === file)?.uri;
  if (known !== undefined) return { uri: Uri.parse(known), names };
  return { uri: file === undefined ? undefined : Uri.joinPath(Uri.parse(folder), file), names };
}
