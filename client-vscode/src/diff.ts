/** Proposals beside the documents that they are for, in a diff editor; the server gives the text (see `virtual.py`). */

import { commands, Range, TabInputTextDiff, Uri, window, workspace } from "vscode";
import type { Client } from "./client";
import type { Place } from "./invoking";
import { PROPOSAL } from "./protocol";

/** Open the proposal at a place beside its document, or say why there is none to accept. */
export async function showDiff(client: Client | undefined, place: Place): Promise<void> {
  const proposal = await client?.ask(PROPOSAL, place);
  if (proposal === undefined) return;
  const { uri, proposed, title, line, reason } = proposal;
  if (!proposed) return void window.showInformationMessage(reason);
  const selection = new Range(line, 0, line, 0);
  await commands.executeCommand("vscode.diff", Uri.parse(uri), Uri.parse(proposed), title, { selection });
}

/** The stub whose proposal a document of the server's shows; undefined for all other documents. */
export function placeOf(uri: Uri): Required<Pick<Place, "uri" | "name">> | undefined {
  return uri.scheme === "soa-proposal" ? (JSON.parse(uri.query) as Required<Pick<Place, "uri" | "name">>) : undefined;
}

/** Close the diffs of a document: those of some stubs, or all of them. */
export async function closeDiffs(uri: string, names: readonly string[]): Promise<void> {
  const tabs = window.tabGroups.all.flatMap((group) => group.tabs);
  await window.tabGroups.close(tabs.filter(({ input }) => {
    const shown = input instanceof TabInputTextDiff ? placeOf(input.modified) : undefined;
    return shown?.uri === uri && (names.length === 0 || names.includes(shown.name));
  }));
}

/** Have the server's documents that are open read anew: they are from one that is gone. */
export function readAnew(client: Client): void {
  const providers = client.getFeature("workspace/textDocumentContent")?.getProviders() ?? [];
  for (const { scheme, onDidChangeEmitter } of providers) {
    for (const { uri } of workspace.textDocuments) if (uri.scheme === scheme) onDidChangeEmitter.fire(uri);
  }
}
