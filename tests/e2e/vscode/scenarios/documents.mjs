/** Documents of the server's: a transcript grows, a diff outlives its server, and closes when it is accepted elsewhere. */

import { readFileSync } from "node:fs";
import { eventually } from "../editor.mjs";

export default async function (user) {
  const { window, text, home, page } = user;
  await text.clickLens("def total", /^Implement$/);
  await window.showSideBar("SoA");
  await window.row(/total.*writing/);
  await window.openByRow(/child/, "Open Prompts and Replies", /total \(child/);
  await text.see("# total (child a1)");
  await text.find("Not answered yet.");
  await text.find("return sum");
  user.tell("transcript", await text.shown());
  await window.picture("exchanges-grown");
  await window.openByRow(/child/, "Go to Stub", /^amounts.py$/);
  user.tell("line", await page.locator('.statusbar [id="status.editor.selection"]').innerText());
  await window.clickTab(/total \(child/);
  await window.closeTab();

  await text.go("def total");
  await window.command("SoA: Compare Proposal at Cursor");
  await window.seeTab(/total \(verified/);
  await text.see("return sum(amounts) * RATE");
  process.kill(Number(readFileSync(`${home.record}.pid`, "utf8")), "SIGKILL");
  await window.notification("server");
  await text.see("return sum(amounts) * RATE");
  await window.picture("diff-alone");
  await window.clickNotification("server", "Restart");
  const asked = () => readFileSync(home.record, "utf8").split('"method": "initialize"')[2]?.includes('"method": "workspace/textDocumentContent"');
  await eventually("the text of the new server", asked);
  await text.see("return sum(amounts) * RATE");
  user.tell("tabs-with-diff", await window.tabs());

  await window.clickTab(/^amounts.py$/);
  await text.seeLens("def total", /Accept/);
  await text.go("def total");
  await window.command("SoA: Accept Proposal");
  await text.see("return sum(amounts) * RATE");
  await window.until("the end of the diff", () => ![...document.querySelectorAll(".tab")].some((tab) => tab.textContent.includes("verified")));
  user.tell("tabs-after", await window.tabs());
  await text.save();
}
