/** Which Python runs the server, and which one runs the project's tests. */

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type Event, extensions, type Uri, workspace } from "vscode";
import { text } from "./settings";

const OLDEST = [3, 11] as const;
const USUAL = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python"];
const VERSION = "import sys; print(*sys.version_info[:2]); print(sys.executable)";
const run = promisify(execFile);

/** An interpreter that was asked for its version. */
export interface Interpreter {
  readonly path: string;
  readonly version: readonly [number, number];
}

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

/** No Python was found that can run the server; says which were looked at. */
export class NoInterpreter extends Error {}

/** The Python that runs the server. @throws NoInterpreter */
export async function findInterpreter(): Promise<Interpreter> {
  const set = text("interpreter");
  const looked: string[] = [];
  for (const candidate of set ? [set] : [await chosenInPythonExtension(), ...USUAL]) {
    const found = candidate === undefined ? undefined : await ask(candidate);
    if (found && isNewEnough(found.version)) return found;
    if (candidate !== undefined) looked.push(found ? `${candidate} is ${found.version.join(".")}` : `${candidate} is missing`);
  }
  throw new NoInterpreter(
    `SoA needs Python ${OLDEST.join(".")} or newer to run its server: ${looked.join(", ")}. ` +
      "Install one, or set soa.interpreter to its path.",
  );
}

export function isNewEnough([major, minor]: readonly [number, number]): boolean {
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
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
  const extension = extensions.getExtension<PythonApi>("ms-python.python");
  return extension?.activate();
}

async function ask(python: string): Promise<Interpreter | undefined> {
  try {
    const { stdout } = await run(python, ["-I", "-c", VERSION], { timeout: 20_000, cwd: __dirname });
    const [numbers = "", path = python] = stdout.split(/\r?\n/);
    const [major = 0, minor = 0] = numbers.split(" ").map(Number);
    return { path, version: [major, minor] };
  } catch {
    return undefined;
  }
}
