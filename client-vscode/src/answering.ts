/** `soa/complete`: the editor's own language models answer agents. What is asked and answered is logged nowhere. */

import {
  type CancellationToken, type Disposable, type LanguageModelAccessInformation, type LanguageModelChat,
  LanguageModelChatMessage, LanguageModelError, lm,
} from "vscode";
import { type LanguageClient, LSPErrorCodes, ResponseError } from "vscode-languageclient/node";
import { meant, preferred } from "./choosing";
import { type ChatMessage, COMPLETE, type Completion, type CompleteParams } from "./protocol";

const OPTIONS = { justification: "SoA's agents write the bodies of your stubs with it." };

/** Answer the questions of a server. @param access says which models the user lets SoA use. */
export function answerQuestions(client: LanguageClient, access: LanguageModelAccessInformation): Disposable {
  return client.onRequest(COMPLETE, (params, token) => complete(params, access, token));
}

async function complete(
  params: CompleteParams,
  access: LanguageModelAccessInformation,
  token: CancellationToken,
): Promise<Completion> {
  const model = await select(params.model, access);
  try {
    return { text: await ask(model, params.messages, token) };
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

async function ask(model: LanguageModelChat, messages: readonly ChatMessage[], token: CancellationToken): Promise<string> {
  const response = await model.sendRequest(messages.map(message), OPTIONS, token);
  let text = "";
  for await (const part of response.text) text += part;
  return text;
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
