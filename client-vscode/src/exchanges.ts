/** What an agent asked and was answered, as a read-only document. */

import { Disposable, EventEmitter, Uri, window, workspace } from "vscode";
import { EXCHANGES, type ExchangesParams } from "./protocol";
import type { RunList } from "./runs";
import type { Server } from "./server";
import { transcript } from "./transcript";
import { isAgent, nameOf, type Node } from "./tree";

const SCHEME = "soa-exchanges";
/** Milliseconds; agents tell of themselves several times a second. */
const PAUSE = 500;

/** Contributes documents `soa-exchanges:`. */
export function registerExchanges(server: Server, runs: RunList): Disposable {
  const changed = new EventEmitter<Uri>();
  let waiting: NodeJS.Timeout | undefined;
  const refresh = () => {
    waiting = undefined;
    for (const { uri } of workspace.textDocuments) if (uri.scheme === SCHEME && isTold(uri, runs)) changed.fire(uri);
  };
  const provider = { onDidChange: changed.event, provideTextDocumentContent: (uri: Uri) => content(uri, server) };
  return Disposable.from(
    changed,
    { dispose: () => { clearTimeout(waiting); } },
    runs.onDidChange(() => { waiting ??= setTimeout(refresh, PAUSE); }),
    workspace.registerTextDocumentContentProvider(SCHEME, provider),
  );
}

/** Open the document of an agent. */
export async function showExchanges(node: Node): Promise<void> {
  if (!isAgent(node)) return;
  const { run, agent } = node;
  const query: ExchangesParams = { run: run.id, agent: agent.id };
  const path = `/${nameOf(agent)} (${agent.role} ${agent.id}).md`;
  const uri = Uri.from({ scheme: SCHEME, path, query: JSON.stringify(query) });
  await window.showTextDocument(await workspace.openTextDocument(uri), { preview: true });
}

async function content(uri: Uri, server: Server): Promise<string> {
  const title = uri.path.slice(1, -".md".length);
  if (server.client === undefined) return transcript(title, [], "The server is not running.");
  const { exchanges } = await server.client.sendRequest(EXCHANGES, asked(uri));
  return transcript(title, exchanges);
}

/** Whether its run is one of this session, which may go on. */
function isTold(uri: Uri, runs: RunList): boolean {
  return runs.all.some(({ run }) => run.id === asked(uri).run);
}

function asked(uri: Uri): ExchangesParams {
  return JSON.parse(uri.query) as ExchangesParams;
}
