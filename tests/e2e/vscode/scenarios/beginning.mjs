/** The walkthrough, the example project, and what earlier sessions left. */

export default async function (user) {
  const { window, text, page } = user;
  await window.command("Welcome: Open Walkthrough");
  await window.pick(/SoA/);
  await window.webview(/def parse_amount/);
  await window.picture("walkthrough");
  user.tell("steps", await page.locator(".getting-started-step .step-title").allTextContents());
  await window.command("SoA: Open the Example Project");
  await text.seeLens("def ", /^Implement$/);
  await window.picture("example");
  await text.clickLens("def ", /^Implement$/);
  user.tell("recorded", await text.seeLens("def ", /Accept/));
}
