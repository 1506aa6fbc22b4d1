/** `soa/complete`: the editor's own language models answer agents. What is asked and answered is logged nowhere. */

import {
  type CancellationToken, CancellationTokenSource, Disposable, type LanguageModelAccessInformation, type LanguageModelChat,
  LanguageModelChatMessage, LanguageModelError, lm,
} from "vscode";
import { LSPErrorCodes, ResponseError } from "vscode-languageserver-protocol/node";
import type { Client } from "./client";
import { meant, preferred } from "./choosing";
import { type ChatMessage, COMPLETE, type Completion, type CompleteParams } from "./protocol";

const OPTIONS = { justification: "SoA's agents write the bodies of your stubs with it." };

/** Answer the questions of a server, until this is disposed of. @param access says which models the user lets SoA use. */
export function answerQuestions(client: Client, access: LanguageModelAccessInformation): Disposable {
  const underWay = new Set<CancellationTokenSource>();
  const answering = client.answer(COMPLETE, async (params, token) => {
    const end = new CancellationTokenSource();
    const listening = token.onCancellationRequested(() => { end.cancel(); });
    underWay.add(end);
    try {
      return await complete(params, access, end.token);
    } finally {
      underWay.delete(end);
      listening.dispose();
    }
  });
  return Disposable.from(answering, { dispose: () => { underWay.forEach((one) => { one.cancel(); }); } });
}

async function complete(
  { messages, model: name }: CompleteParams,
  access: LanguageModelAccessInformation,
  token: CancellationToken,
): Promise<Completion> {
  const model = await select(name, access);
  try {
    let text = "";
    const response = await model.sendRequest(messages.map(message), OPTIONS, token);
    for await (const part of response.text) text += part;
    return { text };
  } catch (error) {
    if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, "It was cancelled.");
    throw refused(sentence(error, model.name));
  }
}

async function select(name: string, access: LanguageModelAccessInformation): Promise<LanguageModelChat> {
  const models = await lm.selectChatModels();
  const model = preferred(meant(models, name), (one) => access.canSendRequest(one));
  if (model) return model;
  if (models.length === 0) throw refused("There is none. Is a chat extension installed, and are you signed in there?");
  throw refused(`None is called "${name}". There is: ${models.map((one) => one.name).join(", ")}.`);
}

/** Editors know no system messages: what they say is the user's first message. */
function message({ role, content }: ChatMessage): LanguageModelChatMessage {
  return role === "assistant" ? LanguageModelChatMessage.Assistant(content) : LanguageModelChatMessage.User(content);
}

function sentence(error: unknown, model: string): string {
  const code = error instanceof LanguageModelError ? error.code : "";
  if (code === LanguageModelError.NoPermissions.name) {
    return `You have not allowed SoA to use ${model}. The account menu has 'Manage Language Model Access'.`;
  }
  if (code === LanguageModelError.Blocked.name) return `${model} is blocked for now; its quota may be used up.`;
  if (code === LanguageModelError.NotFound.name) return `${model} is not there any more. Choose another model.`;
  return `${model}: ${error instanceof Error ? error.message : String(error)}`;
}

function refused(message: string): ResponseError<undefined> {
  return new ResponseError(LSPErrorCodes.RequestFailed, message);
}
