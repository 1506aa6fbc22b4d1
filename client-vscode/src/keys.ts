/** The API key: kept in the editor's secret storage, handed to the server's process at its start and to nobody else. */

import { type SecretStorage, window } from "vscode";

const NAME = "soa.apiKey";

export class Keys {
  constructor(private readonly secrets: SecretStorage) {}

  /** What a process of ours finds in its environment. */
  async environment(): Promise<Record<string, string>> {
    const key = await this.secrets.get(NAME);
    return key ? { OPENAI_API_KEY: key } : {};
  }

  /** Ask the user for the key; whether one was given. */
  async enter(): Promise<boolean> {
    const key = await window.showInputBox({
      title: "SoA: API Key",
      prompt: "Key of the OpenAI-compatible endpoint. It is kept in the secret storage, never in settings.",
      password: true,
      ignoreFocusOut: true,
      validateInput: (value) => (/^[\x21-\x7e]*$/.test(value.trim()) ? undefined : "A key has no spaces and only ASCII."),
    });
    if (!key?.trim()) return false;
    await this.secrets.store(NAME, key.trim());
    return true;
  }

  async remove(): Promise<void> {
    await this.secrets.delete(NAME);
  }
}
