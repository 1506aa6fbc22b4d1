/** The example project: a copy of the user's own, with recorded replies, so that neither a model nor a key is needed. */

import { commands, Uri, window, workspace } from "vscode";

const FIRST = "src/pocketledger/money.py";
const REPLIES = ".vscode/soa-replies.txt";
const SETTINGS = `{\n  "soa.model": "recorded:${REPLIES}"\n}\n`;

/** Open the user's copy of the example, which is made once: what was changed there stays. */
export async function openExample(extension: Uri, storage: Uri): Promise<void> {
  const folder = home(storage);
  const found = await workspace.fs.stat(Uri.joinPath(folder, REPLIES)).then(() => true, () => false);
  if (!found) await copy(Uri.joinPath(extension, "bundled/libs/soa/demo"), folder);
  await commands.executeCommand("vscode.openFolder", folder, { forceNewWindow: workspace.workspaceFolders !== undefined });
}

/** In a window with the example: open the first file that has stubs, unless something else than the walkthrough is open. */
export async function openFirstStub(storage: Uri): Promise<void> {
  const folder = workspace.workspaceFolders?.find(({ uri }) => uri.path === home(storage).path);
  if (!folder || window.tabGroups.all.some(({ tabs }) => tabs.some(({ input }) => input !== undefined))) return;
  await window.showTextDocument(Uri.joinPath(folder.uri, FIRST)).then(undefined, () => undefined);
}

function home(storage: Uri): Uri {
  return Uri.joinPath(storage, "example/pocketledger");
}

/** The replies come last: with them the copy is whole. */
async function copy(demo: Uri, folder: Uri): Promise<void> {
  await workspace.fs.copy(Uri.joinPath(demo, "project"), folder, { overwrite: true });
  await workspace.fs.writeFile(Uri.joinPath(folder, ".vscode/settings.json"), Buffer.from(SETTINGS));
  await workspace.fs.copy(Uri.joinPath(demo, "replies.txt"), Uri.joinPath(folder, REPLIES));
}
