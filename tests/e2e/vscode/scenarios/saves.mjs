/** What saving does in both modes, and a proposal as ghost text. */

export default async function (user) {
  const { window, text, page } = user;
  await text.seeLens("def total", /^Implement$/);
  await text.typeOver("doubled", "times RATE");
  await text.save();
  user.tell("proposed", await text.seeLens("def total", /Accept/));
  await window.picture("on-save-propose");

  await text.find("6");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  user.tell("ghost", await text.ghost(/return sum/));
  await window.picture("ghost-text");
  await page.keyboard.press("Tab");
  await text.see("return sum(amounts) * RATE");
  await text.save();

  await user.visit("settings.json");
  await text.typeOver("propose", "apply");
  await text.save();
  await user.said('"onSave": "apply"');
  await user.visit("words.py");
  await text.seeLens("def initials", /^Implement$/);
  await text.typeOver("first letters", "initial letters");
  await text.save();
  await text.see('return "".join');
  await text.dirty();
  await window.picture("on-save-apply");
  await text.save();
}
