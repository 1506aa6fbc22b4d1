/**
 * Starts and stops a real VS Code: its server on Node, its window in Chromium.
 *
 * All of it lives in one folder (settings, extensions, home, the browser's profile), so that what a user has entered is
 * there again after a restart, and nothing else is.
 */

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { chromium } from "playwright-core";

/** Milliseconds until a wait for anything is in vain. */
export const PATIENCE = 30_000;

const SETTINGS = {
  "workbench.startupEditor": "none",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.enableExperiments": false,
  "telemetry.telemetryLevel": "off",
  "chat.disableAIFeatures": true,
  "extensions.autoUpdate": "off",
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "editor.minimap.enabled": false,
  "files.autoSave": "off",
  "window.commandCenter": false,
  "workbench.editor.useModal": "off",
  "git.enabled": false,
};

const BROWSER = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--password-store=basic",
  "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
];

/**
 * Where everything of one VS Code is.
 *
 * @param {object} stage as the test laid it out: `vscode` (the installation), `place` (an own folder), `chromium`,
 *   `extensions` (VSIX files), `settings` (besides those that keep VS Code quiet), `trust` (whether it asks for it)
 */
export async function prepare(stage) {
  const data = join(stage.place, "vscode");
  const home = { ...stage, data, extensionsFolder: join(data, "extensions"), port: await freePort() };
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, "config.yaml"), "auth: none\n");
  const trust = { "security.workspace.trust.enabled": stage.trust, "security.workspace.trust.startupPrompt": "always" };
  change(home, { ...SETTINGS, ...trust, ...stage.settings });
  install(home);
  return home;
}

/** Change some of the user's settings; those of the machine stand elsewhere, because this VS Code counts as a remote one. */
function change(home, settings) {
  const ofMachine = ([name]) => name === "soa.interpreter" || name === "soa.python";
  const [machine, user] = [true, false].map((one) => Object.entries(settings).filter((pair) => ofMachine(pair) === one));
  write(join(home.data, "Machine", "settings.json"), machine);
  write(join(home.data, "User", "settings.json"), user);
}

function write(file, pairs) {
  const before = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ ...before, ...Object.fromEntries(pairs) }, null, 2));
}

/** Wait until something holds outside of the window. */
export async function eventually(what, holds) {
  const until = Date.now() + PATIENCE;
  while (!(await holds())) {
    if (Date.now() > until) throw new Error(`waited in vain for ${what}`);
    await pause(50);
  }
}

/** Start VS Code and open its window at a folder and a file in it. */
export async function open(home) {
  const server = spawn(process.execPath, command(home, ["--bind-addr", `127.0.0.1:${home.port}`, "--auth", "none", "-e"]), {
    detached: true,
    env: environment(),
    stdio: ["ignore", log(home, "server.log"), log(home, "server.log")],
  });
  await healthy(home, server);
  const context = await chromium.launchPersistentContext(join(home.data, "browser"), {
    executablePath: home.chromium,
    args: BROWSER,
    viewport: { width: 1440, height: 900 },
    reducedMotion: "reduce",
  });
  const page = context.pages()[0];
  page.setDefaultTimeout(PATIENCE);
  const noticed = notice(page, home);
  await page.goto(address(home));
  await page.waitForSelector(".monaco-workbench .statusbar");
  const close = async () => {
    await context.close();
    await end(server);
  };
  return { page, close, noticed, server };
}

/** The window's address: a folder or a workspace file, and the file that is opened in it; an empty window without. */
function address(home) {
  if (!home.folder) return `http://127.0.0.1:${home.port}/?ew=true`;
  const file = `vscode-remote://127.0.0.1:${home.port}${home.file}`;
  const where = home.folder.endsWith(".code-workspace") ? "workspace" : "folder";
  const payload = JSON.stringify(home.file ? [["openFile", file]] : []);
  return `http://127.0.0.1:${home.port}/?${where}=${encodeURIComponent(home.folder)}&payload=${encodeURIComponent(payload)}`;
}

function command(home, rest) {
  const own = ["--config", join(home.data, "config.yaml"), "--user-data-dir", home.data];
  const quiet = ["--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"];
  const trust = home.trust ? [] : ["--disable-workspace-trust"];
  const entry = join(home.vscode, "node_modules/code-server/out/node/entry.js");
  return [entry, ...own, "--extensions-dir", home.extensionsFolder, ...quiet, ...trust, ...rest];
}

/** Without a gallery, VS Code asks none. */
function environment() {
  return { ...process.env, EXTENSIONS_GALLERY: '{"serviceUrl":""}' };
}

function install(home) {
  const files = home.extensions.flatMap((file) => ["--install-extension", file]);
  if (!files.length) return;
  const done = spawnSync(process.execPath, command(home, files), { env: environment(), encoding: "utf8" });
  if (done.status !== 0) throw new Error(`the extensions were not installed: ${done.stdout}\n${done.stderr}`);
}

function log(home, name) {
  return openSync(join(home.place, name), "a");
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

async function healthy(home, server) {
  await eventually("VS Code's server; see server.log", () => server.exitCode !== null || answers(home.port));
  if (server.exitCode !== null) throw new Error("VS Code did not start; see server.log");
}

async function answers(port) {
  try {
    return (await fetch(`http://127.0.0.1:${port}/healthz`)).ok;
  } catch {
    return false;
  }
}

/** What this VS Code reports of itself, which does without its compiled modules and a gallery. */
const OWN_ERRORS = /^(%c  ERR|%c\[Extension Host\]|Failed to load resource|Extension `vscode\.)(?!.*soa-language-server)/s;

/** Collects what the window reports as an error, and all addresses elsewhere that it asks for. */
function notice(page, home) {
  const noticed = { errors: [], outside: [] };
  const ours = `(https?|ws)://([a-z0-9-]+\\.)?(127\\.0\\.0\\.1|localhost):${home.port}/`;
  const webviews = "https://[^/]+\\.vscode-resource\\.vscode-cdn\\.net/"; // answered within the window
  const allowed = new RegExp(`^(data:|blob:|vscode-[a-z]+:|${ours}|${webviews})`);
  page.on("request", (request) => allowed.test(request.url()) || noticed.outside.push(request.url()));
  page.on("console", (message) => {
    if (message.type() === "error" && !OWN_ERRORS.test(message.text())) noticed.errors.push(message.text());
    appendFileSync(join(home.place, "console.log"), `${message.type()}: ${message.text()}\n`);
  });
  return noticed;
}

/** End the server and all that it started. */
async function end(server) {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const gone = once(server, "exit");
  process.kill(-server.pid, "SIGTERM");
  await gone;
}
