/** A skeleton first; a helper's docstring changed by hand; then the rest. */

export default async function (user) {
  const { window, text } = user;
  await text.find("def parse_journal");
  await text.clickLens("def parse_journal", /^Decompose$/);
  await text.dirty();
  await text.find("def split_entries");
  await text.seeLens("def split_entries", /^Implement$/);
  await window.picture("skeleton");
  await text.typeOver("Split a journal", "Split up a journal");
  await text.save();

  await window.showSideBar("SoA");
  await window.command("SoA: Implement Stubs of This File");
  await text.seeLens("def split_entries", /Accept/);
  await window.until("the end of the run", () => !document.querySelector(".statusbar").innerText.includes("agent"));
  await window.picture("rest-implemented");
  user.tell("rows", await window.rows());
  await text.focus();
  await window.command("Source Action");
  await text.choose("Insert all verified proposals");
  await text.dirty();
  await text.save();
  await text.seeNoLens("def split_entries");
  user.tell("notifications", await window.notifications());
  await window.picture("rest-inserted");
}
