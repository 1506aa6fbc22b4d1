/** Slow runs, ended by the lens, the status item's menu, the side bar; one subtree alone. */

export default async function (user) {
  const { window, text } = user;
  await text.clickLens("def total", /^Implement$/);
  user.tell("running", await text.seeLens("def total", /Cancel/));
  await text.clickLens("def total", /Cancel/);
  await text.seeLens("def total", /^Implement$/);

  await text.clickLens("def total", /^Implement$/);
  user.tell("status", await window.status(/1 agent/));
  await window.clickStatus();
  user.tell("menu", await window.seeChoice(/Cancel/));
  await window.picture("status-menu");
  await window.pick(/Cancel/);
  await text.seeLens("def total", /^Implement$/);

  await window.showSideBar("SoA");
  await text.clickLens("def total", /^Implement$/);
  await window.row(/total.*running|total.*0\/1 agent/);
  await window.stopRow(/total/);
  await text.seeLens("def total", /^Implement$/);
  user.tell("rows", await window.rows());
  await window.picture("agents-cancelled");
}
