/** A mother with two children, of which one hangs and is stopped alone; the rest goes on. */

export default async function (user) {
  const { window, text } = user;
  await window.showSideBar("SoA");
  await text.clickLens("def total", /^Implement$/);
  await window.row(/_scaled.*1\/1 tests/);
  await window.row(/_summed.*writing/);
  user.tell("before", await window.rows());
  await window.picture("agents-tree");
  await window.stopRow(/_summed/);
  await text.seeLens("def total", /Retry|Accept|Implement/);
  user.tell("after", await window.rows());
  await window.picture("subtree-stopped");
}
