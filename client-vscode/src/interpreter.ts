/** Which Python may run the server, and which one runs the project's tests. */

import { type Event, extensions, type Uri, workspace } from "vscode";
import { text } from "./settings";

const USUAL = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python", "py"];

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
  if (set) return [set];
  const chosen = await chosenInPythonExtension();
  return chosen === undefined ? USUAL : [chosen, ...USUAL];
}

/** The interpreter chosen in the Python extension; undefined without it, or in a workspace that is not trusted. */
export async function chosenInPythonExtension(resource?: Uri): Promise<string | undefined> {
  const api = workspace.isTrusted ? await pythonApi() : undefined;
  const environment = await api?.environments.resolveEnvironment(api.environments.getActiveEnvironmentPath(resource));
  return environment?.executable.uri?.fsPath;
}

/** Calls back whenever another interpreter is chosen in the Python extension. */
export async function onDidChoose(listener: () => void): Promise<{ dispose(): unknown } | undefined> {
  return (await pythonApi())?.environments.onDidChangeActiveEnvironmentPath(listener);
}

async function pythonApi(): Promise<PythonApi | undefined> {
  return extensions.getExtension<PythonApi>("ms-python.python")?.activate();
}
