/** Which Python may run the server, and which one runs the project's tests. */

import { homedir } from "node:os";
import { type Event, extensions, type Uri, workspace } from "vscode";
import { text } from "./settings";

const USUAL = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python", "py"];
/** Milliseconds that the Python extension has to say what is chosen there; it may have much to look at first. */
const PATIENCE = 1500;

/** What of the Python extension is used here. */
interface PythonApi {
  readonly environments: {
    getActiveEnvironmentPath(resource?: Uri): { readonly path: string };
    resolveEnvironment(environment: { readonly path: string }): Promise<Environment | undefined>;
    readonly onDidChangeActiveEnvironmentPath: Event<unknown>;
  };
}

interface Environment {
  readonly executable: { readonly uri: Uri | undefined };
}

/** Interpreters that may run the server, the preferred one first: the one that is set, or all that come into question. */
export async function candidates(): Promise<readonly string[]> {
  const set = text("interpreter");
  if (set) return [absolute(set)];
  const chosen = await chosenInPythonExtension();
  return chosen === undefined ? USUAL : [chosen, ...USUAL];
}

/** The interpreter chosen in the Python extension; undefined without it, in time, or in a workspace without trust. */
export async function chosenInPythonExtension(resource?: Uri): Promise<string | undefined> {
  if (!workspace.isTrusted) return undefined;
  const late = new Promise<undefined>((resolve) => setTimeout(() => { resolve(undefined); }, PATIENCE));
  return Promise.race([ask(resource).catch(() => undefined), late]);
}

/** Calls back when the Python extension is ready to be asked, and whenever another interpreter is chosen there. */
export async function onDidChoose(listener: () => void): Promise<{ dispose(): unknown } | undefined> {
  if (!workspace.isTrusted) return undefined;
  const api = await pythonApi();
  if (api) listener();
  return api?.environments.onDidChangeActiveEnvironmentPath(listener);
}

async function ask(resource: Uri | undefined): Promise<string | undefined> {
  const environments = (await pythonApi())?.environments;
  const environment = await environments?.resolveEnvironment(environments.getActiveEnvironmentPath(resource));
  return environment?.executable.uri?.fsPath;
}

async function pythonApi(): Promise<PythonApi | undefined> {
  return extensions.getExtension<PythonApi>("ms-python.python")?.activate();
}

function absolute(set: string): string {
  const folder = workspace.workspaceFolders?.[0]?.uri.fsPath ?? "";
  return set.replace(/^~(?=[\\/])/, homedir()).replace("${workspaceFolder}", folder);
}
