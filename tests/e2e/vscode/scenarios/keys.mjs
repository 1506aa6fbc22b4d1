/** A key is entered and kept over a restart, as are runs; then the server's process is killed, and comes back. */

import { readFileSync } from "node:fs";

export default async function (user) {
  const { home } = user;
  await user.text.clickLens("def total", /^Implement$/);
  user.tell("refused", await user.text.seeLens("def total", /Retry/));
  await user.window.picture("key-missing");

  await user.window.command("SoA: Set API Key");
  user.tell("box", await user.window.seeBox("API Key"));
  await user.window.picture("key-asked");
  await user.window.answer(home.key);
  await user.served(2);
  await user.text.clickLens("def total", /^(Implement|.*Retry)$/);
  user.tell("answered", await user.text.seeLens("def total", /Accept/));

  await user.restart();
  user.tell("kept", await user.text.seeLens("def total", /Accept/));
  await user.window.showSideBar("SoA");
  await user.window.unfold(/Earlier runs/);
  await user.window.unfold(/total.*1 agent/);
  await user.window.row(/2\/2 tests.*child/);
  user.tell("earlier", await user.window.rows());
  await user.window.picture("history");
  await user.visit("words.py");
  await user.text.clickLens("def initials", /^Implement$/);
  user.tell("after-restart", await user.text.seeLens("def initials", /Accept/));

  process.kill(Number(readFileSync(`${home.record}.pid`, "utf8")), "SIGKILL");
  user.tell("killed", await user.window.notification("server"));
  await user.window.picture("server-killed");
  user.tell("told", await user.window.notifications());
  await user.window.clickNotification("server", "Restart");
  await user.served(4);
  user.tell("recovered", await user.text.seeLens("def initials", /Accept/));
  await user.text.clickLens("def initials", /Accept/);
  await user.text.see('return "".join');
  await user.text.save();
}
