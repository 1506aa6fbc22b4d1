/** From stubs to a saved file: one by its lens and the diff, one by the light bulb, while the agents are watched. */

export default async function (user) {
  const { window, text } = user;
  user.tell("lenses", await text.lenses("def parse_amount"));
  user.tell("hover", await text.hover("parse_amount", /no body yet/));
  user.tell("links", await text.hoverLinks());
  await window.picture("hover");

  await window.showSideBar("SoA");
  await window.widenSideBar(120);
  await window.picture("agents-none");
  await text.clickLens("def parse_amount", /^Implement$/);
  await window.row(/parse_amount.*(writing|repairing)/);
  user.tell("status-running", await window.status(/1 agent/));
  await window.picture("agents-running");
  user.tell("ready", await text.seeLens("def parse_amount", /Accept/));
  await window.row(/parse_amount.*6\/6 tests/);
  user.tell("rows", await window.rows());
  await window.picture("agents-done");

  await window.openByRow(/child/, "Open Prompts and Replies", /parse_amount \(/);
  await text.see("# parse_amount");
  await window.picture("exchanges");
  await text.find("Implement `parse_amount`");
  user.tell("exchanges", await text.shown());
  await window.closeTab();

  user.tell("proposal", await text.hover("parse_amount", /6\/6 tests/));
  await window.picture("hover-proposal");
  await text.clickLens("def parse_amount", /^Diff$/);
  await window.seeTab(/parse_amount/);
  await text.see("negative = written");
  user.tell("diff-tab", await window.tabs());
  user.tell("diff-buttons", await window.titleButtons());
  await window.picture("diff");
  await window.clickTitle("Accept");
  await window.seeTab(/^money.py$/);
  await text.dirty();
  await text.find("negative = written");
  user.tell("tabs-after", await window.tabs());
  await window.picture("accepted");
  await text.save();

  await text.find("def format_amount");
  user.tell("actions", await text.actions());
  await window.picture("lightbulb");
  await text.choose("Implement format_amount with SoA");
  await text.seeLens("def format_amount", /Accept/);
  await text.find("def format_amount");
  user.tell("actions-ready", await text.actions());
  await window.picture("lightbulb-ready");
  await text.choose("Accept format_amount");
  await text.dirty();
  await text.save();
  await text.seeNoLens("def format_amount");
  user.tell("status-after", await window.status(/tokens/));
  await window.picture("saved");
  await window.command("Developer: Show Running Extensions");
  user.tell("activation", await window.activation("SoA: Self-Organized Agents"));
}
