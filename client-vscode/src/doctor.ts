/** What works here, what does not, what to do about it: as the server's `doctor` sees it, and as the client does. */

import { type Disposable, type TextDocumentContentProvider } from "vscode";
import type { Launch } from "./process";

export class Doctor implements TextDocumentContentProvider, Disposable {
  /** @param version of the extension. */
  constructor(private readonly launch: Launch, private readonly version: string) {}

  /** Look at everything, with progress, and show it. */
  async show(): Promise<void> {
    await this.launch("doctor", this.version);
  }

  provideTextDocumentContent(): string {
    return this.version;
  }

  dispose(): void {
    return;
  }
}
