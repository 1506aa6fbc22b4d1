/** The interpreter of the Python extension, the picker of models, the doctor, and a model of the editor's own. */

export default async function (user) {
  const { window, text } = user;
  await text.seeLens("def total", /^Implement$/);
  await window.command("SoA: Choose Model");
  await window.seeChoice(/Parrot/);
  user.tell("choices", await window.seeChoice(/small/));
  await window.picture("model-picker");
  await window.pick(/Parrot/);
  await user.said('"model": "editor');
  await text.clickLens("def total", /^Implement$/);
  user.tell("answered", await text.seeLens("def total", /Accept/));
  user.tell("status", await window.status(/Parrot|parrot/));
  await window.picture("editors-model");

  await window.command("SoA: Show What Works Here");
  user.tell("doctor", await window.webview(/[Ss]andbox/));
  await window.picture("doctor");

  await window.command("Python: Choose the Other Interpreter");
  await user.said(user.home.other);
}
