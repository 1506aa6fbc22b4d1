/** Proposals beside the documents that they are for: the document as it would be, in a diff editor. */

import type { Disposable, Uri } from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import type { Place } from "./invoking";

export declare class Diffs implements Disposable {
  /** @param client The client, while the server runs. */
  constructor(client: () => LanguageClient | undefined);
  /** Open the proposal at a place beside its document, or say why there is none to accept. */
  show(place: Place): Promise<void>;
  /** The stub whose proposal a document of ours shows; undefined for all other documents. */
  placeOf(uri: Uri): Place | undefined;
  /** Close the diffs of a stub's proposal. */
  close(place: Place): Promise<void>;
  dispose(): void;
}
