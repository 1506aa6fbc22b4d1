/** Proposals beside the documents that they are for: the document as it would be, in a diff editor. */

import { basename } from "node:path/posix";
import { commands, Disposable, EventEmitter, languages, Range, TabInputTextDiff, Uri, window, workspace } from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import type { Place } from "./invoking";
import { firstChange } from "./locate";
import { PROPOSAL, type ProposalText } from "./protocol";
import { verdict } from "./wording";

const SCHEME = "soa-proposal";
/** Milliseconds that somebody who types is left alone. */
const PAUSE = 300;

export class Diffs implements Disposable {
  private readonly changed = new EventEmitter<Uri>();
  private readonly watching: Disposable;
  private waiting: NodeJS.Timeout | undefined;

  /** @param client The client, while the server runs. */
  constructor(private readonly client: () => LanguageClient | undefined) {
    const provider = { onDidChange: this.changed.event, provideTextDocumentContent: (uri: Uri) => this.content(uri) };
    this.watching = Disposable.from(
      workspace.registerTextDocumentContentProvider(SCHEME, provider),
      workspace.onDidChangeTextDocument(({ document }) => { this.refresh([document.uri]); }),
      languages.onDidChangeDiagnostics(({ uris }) => { this.refresh(uris); }),
    );
  }

  /** Open the proposal at a place beside its document, or say why there is none to accept. */
  async show(place: Place): Promise<void> {
    const proposal = await this.client()?.sendRequest(PROPOSAL, place);
    if (proposal === undefined) return;
    if (proposal.text === proposal.before) {
      void window.showInformationMessage(proposal.reason || "The proposal changes nothing.");
      return;
    }
    const real = Uri.parse(proposal.uri);
    const title = `${basename(real.path)}: ${proposal.name} (${verdict(proposal)})`;
    const line = firstChange(proposal.before, proposal.text, proposal.name);
    await commands.executeCommand("vscode.diff", real, documentOf(proposal), title, { selection: new Range(line, 0, line, 0) });
  }

  /** The stub whose proposal a document of ours shows; undefined for all other documents. */
  placeOf(uri: Uri): Required<Pick<Place, "uri" | "name">> | undefined {
    return uri.scheme === SCHEME ? (JSON.parse(uri.query) as Required<Pick<Place, "uri" | "name">>) : undefined;
  }

  /** Close the diffs of a stub's proposal. */
  async close(place: Place): Promise<void> {
    const tabs = window.tabGroups.all.flatMap((group) => group.tabs);
    await window.tabGroups.close(tabs.filter(({ input }) => {
      const shown = input instanceof TabInputTextDiff ? this.placeOf(input.modified) : undefined;
      return shown?.uri === place.uri && shown.name === place.name;
    }));
  }

  dispose(): void {
    clearTimeout(this.waiting);
    this.watching.dispose();
    this.changed.dispose();
  }

  private async content(uri: Uri): Promise<string> {
    const place = this.placeOf(uri);
    const proposal = place && (await this.client()?.sendRequest(PROPOSAL, place));
    return proposal?.text ?? "";
  }

  /** Show anew what is proposed for some documents: their own text, or what is known of their stubs, has changed. */
  private refresh(uris: readonly Uri[]): void {
    const open = workspace.textDocuments.filter(({ uri }) => uris.some((one) => one.toString() === this.placeOf(uri)?.uri));
    if (open.length === 0) return;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => {
      for (const { uri } of open) this.changed.fire(uri);
    }, PAUSE);
  }
}

/** The virtual document of a proposal; its path ends in `.py` for the colours. */
function documentOf({ uri, name }: ProposalText): Uri {
  const { path } = Uri.parse(uri);
  return Uri.from({ scheme: SCHEME, path: path.endsWith(".py") ? path : `${path}.py`, query: JSON.stringify({ uri, name }) });
}
