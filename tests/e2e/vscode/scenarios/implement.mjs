/** From stubs to a saved file: one by its lens, one by the light bulb. */

export default async function (user) {
  const { window, text } = user;
  await text.seeLens("def parse_amount", /^Implement$/);
  await window.picture("lenses");
  user.tell("lenses", await text.lenses("def parse_amount"));
  user.tell("hover", await text.hover("parse_amount", /no body yet/));
  user.tell("links", await text.hoverLinks());
  await window.picture("hover");
  await text.clickLens("def parse_amount", /^Implement$/);
  user.tell("ready", await text.seeLens("def parse_amount", /Accept/));
  await window.picture("proposal");
}
