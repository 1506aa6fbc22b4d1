/** A folder that is not trusted, then is. */

import { existsSync } from "node:fs";

export default async function (user) {
  const { window, text } = user;
  user.tell("question", await window.dialog("trust"));
  await window.clickDialog("No");
  user.tell("lens", await text.seeLens("def total", /stub/));
  user.tell("hover", await text.hover("total", /trust/));
  await window.picture("untrusted");
  user.tell("commands", await window.palette("SoA"));
  user.tell("interpreter-untrusted", existsSync(user.home.spy));
  await window.showSideBar("SoA");
  await window.picture("untrusted-agents");
  user.tell("status", await window.status(/SoA/));

  await window.command("Workspaces: Manage Workspace Trust");
  await user.page.locator(".workspace-trust-editor .monaco-button", { hasText: "Trust" }).first().click();
  await window.picture("trusted");
  await window.clickTab("amounts.py");
  await text.clickLens("def total", /^Implement$/);
  user.tell("trusted", await text.seeLens("def total", /Accept/));
}
