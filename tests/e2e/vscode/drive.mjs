/**
 * Plays one scenario in a real VS Code: `node drive.mjs SCENARIO STAGE REPORT`.
 *
 * STAGE is a JSON file that says where everything is (see `prepare` in editor.mjs), REPORT the file that the scenario
 * tells its results to, as JSON. All waits are for conditions. One that is in vain ends the scenario with a picture and
 * exit code 1.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { open, prepare } from "./editor.mjs";
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

  /** A file of the folder as it is on the disk. */
  saved(name) {
    return readFileSync(join(this.home.folder, name), "utf8");
  }
}

async function play(scenario, user) {
  try {
    await user.start();
    await scenario(user);
  } catch (error) {
    await user.window?.picture(`failed-${user.home.name}`);
    throw error;
  } finally {
    await user.quit();
  }
}

const [scenario, stage, report] = process.argv.slice(2);
const user = new User(await prepare(JSON.parse(readFileSync(stage, "utf8"))));
await play((await import(resolve(scenario))).default, user);
writeFileSync(report, JSON.stringify({ ...user.told, ...user.noticed }));
