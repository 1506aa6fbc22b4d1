/** A model of the editor's own: it writes down what it was asked and answers what the file of TEST_ANSWER says. */

const { appendFileSync, readFileSync } = require("node:fs");
const vscode = require("vscode");

const MODEL = {
  id: "parrot-1",
  name: "Parrot",
  family: "parrot",
  version: "1",
  maxInputTokens: 100000,
  maxOutputTokens: 10000,
  capabilities: {},
};

const provider = {
  provideLanguageModelChatInformation: () => [MODEL],
  provideTokenCount: (model, text) => String(text).length / 4,
  async provideLanguageModelChatResponse(model, messages, options, progress) {
    const said = messages.map(({ role, content }) => ({ role, text: content.map((part) => part.value).join("") }));
    appendFileSync(process.env.TEST_ASKED, `${JSON.stringify(said)}\n`);
    progress.report(new vscode.LanguageModelTextPart(readFileSync(process.env.TEST_ANSWER, "utf8")));
  },
};

exports.activate = (context) => {
  context.subscriptions.push(vscode.lm.registerLanguageModelChatProvider("tests", provider));
};
