/** The API key: kept in the editor's secret storage, handed to the server's process at its start and to nobody else. */

import { type Disposable, type SecretStorage, window } from "vscode";

const NAME = "soa.apiKey";

export class Keys {
  constructor(private readonly secrets: SecretStorage) {}

  /** Calls back when the key has changed, in this window or another. */
  onDidChange(listener: () => unknown): Disposable {
    return this.secrets.onDidChange(({ key }) => key === NAME && listener());
  }

  /** What a process of ours finds in its environment; nothing where there is no secret storage. */
  async environment(): Promise<Record<string, string>> {
    const key = await this.secrets.get(NAME).then(undefined, () => undefined);
    return key ? { OPENAI_API_KEY: key } : {};
  }

  /** Ask the user for the key. */
  async enter(): Promise<void> {
    const key = await window.showInputBox({
      title: "SoA: API Key",
      prompt: "Key of the OpenAI-compatible endpoint. It is kept in the secret storage, never in settings.",
      password: true,
      ignoreFocusOut: true,
      validateInput: (value) => (/^[\x21-\x7e]*$/.test(value.trim()) ? undefined : "A key has no spaces and only ASCII."),
    });
    if (key?.trim()) await this.secrets.store(NAME, key.trim());
  }

  async remove(): Promise<void> {
    await this.secrets.delete(NAME);
  }
}
