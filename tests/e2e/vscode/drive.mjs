/**
 * Plays one scenario in a real VS Code: `node drive.mjs SCENARIO STAGE REPORT`.
 *
 * STAGE is a JSON file that says where everything is (see `prepare` in editor.mjs), REPORT the file that the scenario
 * tells its results to, as JSON. All waits are for conditions. One that is in vain ends the scenario with a picture and
 * exit code 1.
 */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { eventually, open, prepare } from "./editor.mjs";
import { Text } from "./text.mjs";
import { Window } from "./window.mjs";

/** Who plays a scenario: sees and does what a user can, and tells what came of it. */
class User {
  constructor(home) {
    this.home = home;
    this.told = {};
    this.noticed = { errors: [], outside: [] };
  }

  /** Tell a result to the test. */
  tell(name, value) {
    this.told[name] = value;
  }

  /** Open VS Code. */
  async start() {
    this.running = await open(this.home);
    this.window = new Window(this.running.page, this.home.pictures);
    this.text = new Text(this.window);
    this.page = this.running.page;
  }

  /** Close VS Code. */
  async quit() {
    await this.running?.close();
    for (const kind of ["errors", "outside"]) this.noticed[kind].push(...(this.running?.noticed[kind] ?? []));
    this.running = undefined;
  }

  /** Close VS Code and open it again. */
  async restart() {
    await this.quit();
    await this.start();
  }

  /** Open a file of the folder. */
  async visit(name) {
    await this.page.keyboard.press("Control+p");
    await this.page.locator(".quick-input-widget input").first().fill(name);
    await this.window.pick(name.slice(name.lastIndexOf("/") + 1));
    await this.window.seeTab(name.slice(name.lastIndexOf("/") + 1));
  }

  /** Wait until the server has been started so many times, and has said what can be done in a file. */
  async served(times) {
    const beginnings = () => recordOf(this.home).split('"method": "initialize"');
    await eventually(`server ${times}`, () => beginnings().length > times && beginnings()[times].includes('"command": "soa.'));
  }

  /** Wait until something is in the record of what the server and VS Code said to each other. */
  async said(text) {
    await eventually(`the message ${text}`, () => recordOf(this.home).includes(text));
  }
}

function recordOf(home) {
  return existsSync(home.record) ? readFileSync(home.record, "utf8") : "";
}

/** Milliseconds that a scenario may take. */
const LIMIT = 150_000;

async function play(scenario, user) {
  const late = pause(LIMIT, undefined, { ref: false }).then(() => Promise.reject(new Error("the scenario takes too long")));
  try {
    await user.start();
    await Promise.race([scenario(user), late]);
  } catch (error) {
    await user.window?.picture(`failed-${user.home.name}`);
    throw error;
  } finally {
    await user.quit();
  }
}

const [scenario, stage, report] = process.argv.slice(2);
const user = new User(await prepare(JSON.parse(readFileSync(stage, "utf8"))));
try {
  await play((await import(resolve(scenario))).default, user);
  writeFileSync(report, JSON.stringify({ ...user.told, ...user.noticed }));
} catch (error) {
  process.stderr.write(`${error.stack}\n${error.cause?.message ?? ""}\n${JSON.stringify(user.told, null, 2)}\n`);
  process.exitCode = 1;
}
