/** What a user sees and does in the window around the text: commands, side bar, status bar, notifications, menus. */

import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { eventually, PATIENCE } from "./editor.mjs";

const PICK = ".quick-input-widget";
const STATUS = '.statusbar-item[id$="soa.status"]';
const ROW = ".pane-body .monaco-list-row";

export class Window {
  /**
   * @param page of Playwright
   * @param {string} pictures folder of the screenshots
   */
  constructor(page, pictures) {
    this.page = page;
    this.pictures = pictures;
  }

  /** Wait until a function, run in the page, finds something; what it found. */
  async until(what, look, arg) {
    try {
      return await (await this.page.waitForFunction(look, arg, { timeout: PATIENCE, polling: 50 })).jsonValue();
    } catch (error) {
      throw new Error(`waited in vain for ${what}`, { cause: error });
    }
  }

  /** Wait until a page within the window, as extensions have them, says something that matches; all that it says. */
  async webview(expected) {
    const said = (frame) => frame.evaluate(() => document.body?.innerText ?? "").catch(() => "");
    let found;
    await eventually(`a page with ${expected}`, async () => {
      const texts = await Promise.all(this.page.frames().map(said));
      found = texts.find((text) => expected.test(text));
      return found !== undefined;
    });
    return found;
  }

  /** Take a picture once nothing moves any more. */
  async picture(name) {
    await this.until("the end of all movement", settled);
    const path = join(this.pictures, `${name}.png`);
    mkdirSync(dirname(path), { recursive: true });
    await this.page.screenshot({ path, caret: "initial" });
  }

  /** Run a command of the palette. */
  async command(title) {
    await this.page.keyboard.press("F1");
    await this.page.locator(`${PICK} input`).first().fill(`>${title}`);
    await this.page.locator(`${PICK} .monaco-list-row.focused`, { hasText: title }).waitFor();
    await this.page.keyboard.press("Enter");
  }

  /** Titles that the palette offers for some words. */
  async palette(words) {
    await this.page.keyboard.press("F1");
    await this.page.locator(`${PICK} input`).first().fill(`>${words}`);
    await this.page.waitForSelector(`${PICK} .monaco-list-row`);
    const titles = await this.choices();
    await this.page.keyboard.press("Escape");
    return titles;
  }

  /** Wait for a list of choices with one that matches; what all of them say. */
  async seeChoice(expected) {
    await this.page.locator(`${PICK} .monaco-list-row`, { hasText: expected }).first().waitFor();
    return this.choices();
  }

  async choices() {
    return this.page.locator(`${PICK} .monaco-list-row`).evaluateAll((rows) => rows.map((row) => row.ariaLabel));
  }

  /** Choose from the list that is open. */
  async pick(expected) {
    await this.seeChoice(expected);
    const focused = this.page.locator(`${PICK} .monaco-list-row.focused`, { hasText: expected });
    while (!(await focused.count())) await this.page.keyboard.press("ArrowDown");
    await this.page.keyboard.press("Enter");
  }

  /** Wait for the box that asks for a text; what it asks, and whether the answer is hidden. */
  async seeBox(expected) {
    await this.page.locator(`${PICK}:visible`, { hasText: expected }).waitFor();
    const input = this.page.locator(`${PICK} input`).first();
    return { hidden: (await input.getAttribute("type")) === "password", hint: await input.getAttribute("placeholder") };
  }

  /** Answer the box. */
  async answer(text) {
    await this.page.locator(`${PICK} input`).first().fill(text);
    await this.page.keyboard.press("Enter");
  }

  /** Wait for a notification that matches; what it says and its buttons. */
  async notification(expected) {
    const toast = this.page.locator(".notification-toast", { hasText: expected }).first();
    await toast.waitFor();
    const text = await toast.locator(".notification-list-item-message").textContent();
    return { text, buttons: await toast.locator(".notification-list-item-buttons-container .monaco-button").allTextContents() };
  }

  /** What the page of running extensions says of how long one took to be activated. */
  async activation(name) {
    const row = this.page.locator(".runtime-extensions-editor .extension", { hasText: name });
    return row.locator(".activation-time").textContent();
  }

  /** What all notifications that are shown say. */
  async notifications() {
    return this.page.locator(".notification-toast .notification-list-item-message").allTextContents();
  }

  async clickNotification(expected, button) {
    const toast = this.page.locator(".notification-toast", { hasText: expected }).first();
    await toast.locator(".monaco-button", { hasText: button }).first().click();
  }

  /** Wait for a dialog that matches; what it says. */
  async dialog(expected) {
    const box = this.page.locator(".monaco-dialog-box", { hasText: expected });
    await box.waitFor();
    return box.innerText();
  }

  async clickDialog(button) {
    await this.page.locator(".monaco-dialog-box .monaco-button", { hasText: button }).first().click();
  }

  /** Wait until our item of the status bar matches; what it says. */
  async status(expected) {
    const item = this.page.locator(STATUS, { hasText: expected });
    await item.waitFor();
    return (await item.innerText()).trim();
  }

  async clickStatus() {
    await this.page.locator(`${STATUS} a`).click();
  }

  /** Show a view container of the activity bar. */
  async showSideBar(title) {
    const tab = this.page.locator(`.activitybar .action-item:has(.action-label[aria-label^="${title}"])`);
    if (!(await tab.getAttribute("class")).includes("checked")) await tab.click();
    await this.page.locator(".sidebar .composite.title", { hasText: title }).waitFor();
    await this.page.mouse.move(700, 5);
  }

  /** Wait until the side bar has a row that matches. */
  async row(expected) {
    await this.page.locator(ROW, { hasText: expected }).first().waitFor();
  }

  /** Rows of the side bar, each with its depth: `  child total · done`. */
  async rows() {
    return this.page.locator(ROW).evaluateAll((rows) =>
      rows
        .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
        .map((row) => {
          const said = [...row.querySelectorAll(".label-name, .label-description")].map((part) => part.textContent);
          return "  ".repeat(Number(row.ariaLevel) - 1) + said.join(" · ");
        }),
    );
  }

  async clickRow(expected) {
    await this.page.locator(ROW, { hasText: expected }).first().click();
  }

  /** Unfold a row. */
  async unfold(expected) {
    await this.page.locator(`${ROW}:has(.monaco-tl-twistie.collapsed)`, { hasText: expected }).first().locator(".monaco-tl-twistie").click();
  }

  /** Have a row's button open a tab. */
  async openByRow(expected, label, tab) {
    const shown = this.page.locator(".editor-group-container.active .tab.active", { hasText: tab });
    await this.#clickRowButton(expected, label, shown, "visible");
  }

  /** Stop what a row shows. */
  async stopRow(expected) {
    const button = this.page.locator(ROW, { hasText: expected }).first().locator('.action-label[aria-label^="Stop"]');
    await this.#clickRowButton(expected, "Stop", button, "detached");
  }

  /**
   * Click one of the buttons that a row shows under the mouse, until something is in the state that follows. Live rows are
   * drawn anew each second, which may swallow a click.
   */
  async #clickRowButton(expected, label, what, state) {
    const follows = () => what.waitFor({ state, timeout: 2000 }).then(() => true, () => false);
    do {
      const row = this.page.locator(ROW, { hasText: expected }).first();
      await row.hover();
      await row.locator(`.action-label[aria-label^="${label}"]`).click();
      await this.page.mouse.move(700, 5);
    } while (!(await follows()));
  }

  /** Labels of the buttons at the top of the active editor. */
  async titleButtons() {
    const buttons = this.page.locator(".editor-group-container.active .title .editor-actions .action-label:visible");
    await buttons.first().waitFor();
    return buttons.evaluateAll((all) => all.map((one) => one.ariaLabel));
  }

  /** Click a button at the top of the active editor. */
  async clickTitle(label) {
    await this.page.locator(`.editor-group-container.active .title .editor-actions .action-label[aria-label^="${label}"]`).click();
  }

  /** Titles of the tabs of the active editor group. */
  async tabs() {
    return this.page.locator(".editor-group-container.active .tab").allTextContents();
  }

  /** Wait for an editor whose tab matches. */
  async seeTab(expected) {
    await this.page.locator(".editor-group-container.active .tab.active", { hasText: expected }).waitFor();
  }

  async clickTab(expected) {
    await this.page.locator(".editor-group-container .tab", { hasText: expected }).first().click();
    await this.seeTab(expected);
  }

  /** Close the active editor. */
  async closeTab() {
    const tab = this.page.locator(".editor-group-container.active .tab.active");
    const title = await tab.textContent();
    await tab.locator(".tab-actions .action-label").click();
    await this.page.locator(".editor-group-container .tab.active", { hasText: title }).waitFor({ state: "detached" });
  }

  /** Make the side bar wider, by so many pixels. */
  async widenSideBar(more) {
    const box = await this.page.locator(".part.sidebar").boundingBox();
    await this.page.mouse.move(box.x + box.width + 1, box.y + box.height / 2);
    await this.page.mouse.down();
    await this.page.mouse.move(box.x + box.width + 1 + more, box.y + box.height / 2, { steps: 4 });
    await this.page.mouse.up();
  }
}

function settled() {
  const moving = (one) => one.playState === "running" && one.effect?.getComputedTiming().iterations !== Infinity;
  return !document.getAnimations().some(moving);
}
