/** Puts the parts of the extension together. */

import { join } from "node:path";
import { commands, Disposable, type ExtensionContext, type LogOutputChannel, window, workspace } from "vscode";
import { registerAgents } from "./agents";
import { readAnew } from "./diff";
import { Doctor } from "./doctor";
import { openExample, openFirstStub } from "./example";
import { onDidChoose } from "./interpreter";
import { Keys } from "./keys";
import { middleware } from "./middleware";
import { chooseModel } from "./models";
import { RunList } from "./runs";
import { Runtime } from "./runtime";
import { Server } from "./server";
import { registerStatus } from "./status";

interface Resource {
  dispose(): unknown;
}

/** What is to be ended in order when the window closes; the editor hands nothing over to `deactivate`. */
let end: () => Promise<void> = () => Promise.resolve();

export function activate(context: ExtensionContext): void {
  const began = performance.now();
  const log = window.createOutputChannel("SoA", { log: true });
  const keys = new Keys(context.secrets);
  const runtime = new Runtime(context.asAbsolutePath("bundled"), join(context.globalStorageUri.fsPath, "natives"), keys, log);
  const server: Server = new Server(runtime, log, middleware(() => server.client));
  server.onClient((client) => {
    const answering = import("./answering").then((one) => one.answerQuestions(client, context.languageModelAccessInformation));
    return new Disposable(() => void answering.then((one) => { one.dispose(); }));
  });
  const runs = new RunList(server);
  context.subscriptions.push(server, runs);
  context.subscriptions.push(registerAgents(server, runs), registerStatus(server, runs));
  context.subscriptions.push(...registerServerCommands(server, keys, log), ...registerTools(context, runtime, keys));
  context.subscriptions.push(...follow(server));
  setImmediate(() => void server.start());
  void openFirstStub(context.globalStorageUri);
  end = () => server.stop().finally(() => { log.dispose(); });
  log.info(`activated in ${(performance.now() - began).toFixed(1)} ms`);
}

export function deactivate(): Promise<void> {
  return end();
}

function registerServerCommands(server: Server, keys: Keys, log: LogOutputChannel): Resource[] {
  return [
    commands.registerCommand("soa.restart", () => server.restart()),
    commands.registerCommand("soa.showLog", () => { log.show(); }),
    commands.registerCommand("soa.setKey", () => keys.enter()),
    commands.registerCommand("soa.removeKey", () => keys.remove()),
    keys.onDidChange(() => server.restart()),
  ];
}

function registerTools(context: ExtensionContext, runtime: Runtime, keys: Keys): Resource[] {
  const launch = (...args: string[]) => runtime.command(...args);
  const { version } = context.extension.packageJSON as { readonly version: string };
  const doctor = new Doctor(launch, version);
  return [
    doctor,
    workspace.registerTextDocumentContentProvider("soa-doctor", doctor),
    commands.registerCommand("soa.doctor", () => doctor.show()),
    commands.registerCommand("soa.chooseModel", () => chooseModel(launch, keys)),
    commands.registerCommand("soa.openExample", () => openExample(context.extensionUri, context.globalStorageUri)),
  ];
}

/** Follows what concerns the server: trust, interpreters, its own state. */
function follow(server: Server): Resource[] {
  const listen = () => onDidChoose(() => {
    void server.client?.sendNotification("workspace/didChangeConfiguration", { settings: null });
  }).catch(() => undefined);
  let choosing = listen();
  return [
    workspace.onDidGrantWorkspaceTrust(() => {
      choosing = listen();
      return server.restart();
    }),
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("soa.interpreter")) void server.restart();
    }),
    server.onDidChangeState(() => { if (server.client) readAnew(server.client); }),
    server.onDidChangeState(() => void commands.executeCommand("setContext", "soa.ready", server.state === "running")),
    new Disposable(() => void choosing.then((listening) => { listening?.dispose(); })),
  ];
}
