/** A window of two folders, each with settings of its own. */

export default async function (user) {
  const { window, text } = user;
  await text.clickLens("def total", /^Implement$/);
  user.tell("first", await text.seeLens("def total", /Accept/));
  await user.visit("other/words.py");
  await text.clickLens("def initials", /^Implement$/);
  user.tell("second", await text.seeLens("def initials", /Accept/));
  await window.command("SoA: Choose Model");
  await window.seeChoice(/other/);
  user.tell("choices", await window.choices());
  await window.picture("folders");
}
