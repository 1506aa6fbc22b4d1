/** The example project: a copy of the user's own, with recorded replies, so that neither a model nor a key is needed. */

import { commands, FileType, Uri, window, workspace } from "vscode";

const NAME = "pocketledger";
const FIRST = "src/pocketledger/money.py";
const REPLIES = ".vscode/soa-replies.txt";
const SETTINGS = { "soa.model": `recorded:${REPLIES}` };
const GO_ON = "Go On With It";
const ANEW = "Start Anew";
const HERE = "Add to This Window";
const OTHER = "Open in a New Window";

/** Open the example, after copying it if there is no copy or the user wants a new one; no copy is ever overwritten. */
export async function openExample(extension: Uri, storage: Uri): Promise<void> {
  const folder = await chooseFolder(storage);
  if (!folder) return;
  if (!(await exists(folder))) await copy(Uri.joinPath(extension, "bundled/libs/soa/demo"), folder);
  const place = workspace.workspaceFolders ? await window.showQuickPick([OTHER, HERE], { title: "SoA: Example" }) : OTHER;
  if (place === OTHER) {
    await commands.executeCommand("vscode.openFolder", folder, { forceNewWindow: workspace.workspaceFolders !== undefined });
  } else if (place === HERE) {
    await window.showTextDocument(Uri.joinPath(folder, FIRST));
    workspace.updateWorkspaceFolders(workspace.workspaceFolders?.length ?? 0, 0, { uri: folder });
  }
}

/** In a window with the example: open the first file that has stubs, unless something else than the walkthrough is open. */
export async function openFirstStub(storage: Uri): Promise<void> {
  const folder = workspace.workspaceFolders?.findLast(({ uri }) => uri.path.startsWith(`${home(storage).path}/`));
  if (!folder || window.tabGroups.all.some(({ tabs }) => tabs.some(({ input }) => input !== undefined))) return;
  await window.showTextDocument(Uri.joinPath(folder.uri, FIRST));
}

function home(storage: Uri): Uri {
  return Uri.joinPath(storage, "example");
}

/** The newest copy, or the place of a new one; undefined if the user wants neither. */
async function chooseFolder(storage: Uri): Promise<Uri | undefined> {
  let count = 0;
  const copyOf = (number: number) => Uri.joinPath(home(storage), number > 1 ? `${NAME}-${number}` : NAME);
  while (await exists(copyOf(count + 1))) count += 1;
  if (count === 0) return copyOf(1);
  const question = "You have a copy of the example already. What you changed there is kept in any case.";
  const answer = await window.showInformationMessage(question, { modal: true }, GO_ON, ANEW);
  return answer && copyOf(answer === ANEW ? count + 1 : count);
}

async function copy(demo: Uri, folder: Uri): Promise<void> {
  const write = (path: string, text: string) => workspace.fs.writeFile(Uri.joinPath(folder, path), Buffer.from(text));
  await workspace.fs.copy(Uri.joinPath(demo, "project"), folder);
  await workspace.fs.copy(Uri.joinPath(demo, "replies.txt"), Uri.joinPath(folder, REPLIES));
  await write(".vscode/settings.json", `${JSON.stringify(SETTINGS, null, 2)}\n`);
}

async function exists(folder: Uri): Promise<boolean> {
  try {
    return (await workspace.fs.stat(folder)).type === FileType.Directory;
  } catch {
    return false;
  }
}
