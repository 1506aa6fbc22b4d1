/** What a user sees and does in the text editor that has the focus. */

const EDITOR = ".editor-group-container.active .monaco-editor";

/** Marks the lens that was looked for. */
const FOUND = "data-found";

export class Text {
  constructor(window) {
    this.window = window;
    this.page = window.page;
  }

  /** Wait until a text stands on a line; where that line is in the window. */
  async see(text) {
    return this.window.until(`the text ${text}`, lineOf, { editor: EDITOR, text });
  }

  /** All lines that are shown, from the top. */
  async shown() {
    return this.page.evaluate(shownLines, EDITOR);
  }

  /** Put the cursor behind a text that is shown. */
  async go(text) {
    const line = await this.see(text);
    await this.page.mouse.click(line.after, line.middle);
  }

  /** Have the keyboard write into the text. */
  async focus() {
    await this.page.keyboard.press("Control+1");
    await this.page.waitForSelector(`${EDITOR}.focused`);
  }

  /** Scroll to a text and select it. */
  async find(text) {
    await this.focus();
    await this.page.keyboard.press("Control+f");
    await this.page.locator(`${EDITOR} .find-widget.visible textarea[aria-label^="Find"]`).fill(text);
    await this.page.keyboard.press("Enter");
    const widget = this.page.locator(`${EDITOR} .find-widget.visible`);
    while (await widget.count()) await this.page.keyboard.press("Escape");
    await this.see(text);
  }

  /** Wait until the lenses above the line of a text can be clicked; their titles, from left to right. */
  async lenses(text) {
    return this.window.until(`lenses above ${text}`, lensesAbove, { editor: EDITOR, text });
  }

  /** Wait until no lens is above the line of a text any more. */
  async seeNoLens(text) {
    await this.window.until(`no lens above ${text}`, lacksLens, { editor: EDITOR, text });
  }

  /** Wait until a lens above the line of a text has a title that matches; the title. */
  async seeLens(text, title, tags = "a, span") {
    const arg = { editor: EDITOR, text, title: title.source, mark: FOUND, tags };
    return this.window.until(`the lens ${title} above ${text}`, lensAbove, arg);
  }

  /** Click the lens above the line of a text whose title matches. */
  async clickLens(text, title) {
    await this.leaveHover();
    while (!(await this.#hitLens(text, title)));
    await this.page.mouse.move(700, 5);
  }

  /**
   * Click a lens, unless it is drawn anew meanwhile; whether it was hit. One that VS Code only remembers, until the server
   * has answered, is no link.
   */
  async #hitLens(text, title) {
    await this.seeLens(text, title, "a");
    try {
      await this.page.locator(`[${FOUND}]`).click({ timeout: 1000 });
      return true;
    } catch (error) {
      if (error.name !== "TimeoutError") throw error;
      return false;
    }
  }

  /** Point at a text until a hover has something that matches; all that it says. */
  async hover(text, expected) {
    const line = await this.see(text);
    await this.page.mouse.move(line.before - 2, line.middle);
    await this.page.mouse.move(line.inside, line.middle);
    return this.window.until(`a hover with ${expected}`, hoverText, expected.source);
  }

  /** Take the mouse away, and wait until no hover covers the text any more. */
  async leaveHover() {
    await this.page.mouse.move(700, 5);
    await this.window.until("the end of the hover", () => ![...document.querySelectorAll(".monaco-hover")].some((one) => one.checkVisibility()));
  }

  /** Labels of the links in the hover that is shown, once it has some. */
  async hoverLinks() {
    const links = this.page.locator(".monaco-hover:visible a[data-href]");
    await links.first().waitFor();
    return links.allTextContents();
  }

  async clickHoverLink(label) {
    await this.page.locator(".monaco-hover:visible a[data-href]", { hasText: label }).click();
  }

  /** Open the menu of actions at the cursor, once the light bulb is there; their titles. */
  async actions() {
    await this.page.waitForSelector(`${EDITOR} :is(.lightBulbWidget, .codicon-gutter-lightbulb)`);
    await this.page.keyboard.press("Control+.");
    await this.page.waitForSelector(".action-widget .action .title");
    return this.page.locator(".action-widget .action .title").allTextContents();
  }

  /** Choose an action of the menu that is open. */
  async choose(title) {
    await this.page.locator(".action-widget .action .title", { hasText: title }).first().click();
  }

  async type(text) {
    await this.page.keyboard.type(text);
  }

  /** Put other text in the place of one. */
  async typeOver(text, other) {
    await this.find(text);
    await this.type(other);
    await this.see(other);
  }

  /** Wait for a proposal in grey behind the cursor. */
  async ghost(expected) {
    return this.window.until(`ghost text with ${expected}`, ghostText, { editor: EDITOR, expected: expected.source });
  }

  /** Save, and wait until the file is. */
  async save() {
    await this.page.keyboard.press("Control+s");
    await this.clean();
  }

  /** Wait until nothing in the active editor is unsaved. */
  async clean() {
    await this.page.waitForSelector(".editor-group-container.active .tab.active:not(.dirty)");
  }

  /** Wait until something in the active editor is unsaved. */
  async dirty() {
    await this.page.waitForSelector(".editor-group-container.active .tab.active.dirty");
  }
}

// The functions below run in the page: they see nothing of this module.

function lineOf({ editor, text }) {
  const plain = (element) => element.textContent.replaceAll("\u00a0", " ");
  const line = [...document.querySelectorAll(`${editor} .view-lines > .view-line`)].find((one) => plain(one).includes(text));
  if (!line) return null;
  const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
  const at = (offset) => {
    walker.currentNode = line;
    for (let before = 0, node; (node = walker.nextNode()); before += node.length) {
      if (offset <= before + node.length) return [node, offset - before];
    }
  };
  const start = plain(line).indexOf(text);
  const range = document.createRange();
  range.setStart(...at(start));
  range.setEnd(...at(start + text.length));
  const box = range.getBoundingClientRect();
  const middle = (box.top + box.bottom) / 2;
  return { before: box.left, inside: box.left + Math.min(8, box.width / 2), after: box.right, middle, top: box.top };
}

function shownLines(editor) {
  const lines = [...document.querySelectorAll(`${editor} .view-lines > .view-line`)];
  const top = (line) => line.getBoundingClientRect().top;
  return lines.sort((a, b) => top(a) - top(b)).map((line) => line.textContent.replaceAll("\u00a0", " "));
}

function lensesAbove({ editor, text }) {
  const plain = (element) => element.textContent.replaceAll("\u00a0", " ");
  const line = [...document.querySelectorAll(`${editor} .view-lines > .view-line`)].find((one) => plain(one).includes(text));
  const { top, height } = line?.getBoundingClientRect() ?? {};
  const lens = [...document.querySelectorAll(`${editor} .codelens-decoration`)].find((one) => {
    const distance = top - one.getBoundingClientRect().bottom;
    return Math.abs(distance) < height / 2;
  });
  const titles = [...(lens?.querySelectorAll("a") ?? [])].map(plain);
  return titles.length ? titles : null;
}

function lacksLens({ editor, text }) {
  const line = [...document.querySelectorAll(`${editor} .view-lines > .view-line`)].find((one) => one.textContent.replaceAll("\u00a0", " ").includes(text));
  const { top, height } = line?.getBoundingClientRect() ?? {};
  const near = (one) => Math.abs(top - one.getBoundingClientRect().bottom) < height / 2;
  return line !== undefined && ![...document.querySelectorAll(`${editor} .codelens-decoration`)].some(near);
}

function lensAbove({ editor, text, title, mark, tags }) {
  for (const one of document.querySelectorAll(`[${mark}]`)) one.removeAttribute(mark);
  const plain = (element) => element.textContent.replaceAll("\u00a0", " ");
  const line = [...document.querySelectorAll(`${editor} .view-lines > .view-line`)].find((one) => plain(one).includes(text));
  const { top, height } = line?.getBoundingClientRect() ?? {};
  for (const lens of document.querySelectorAll(`${editor} .codelens-decoration`)) {
    if (!(Math.abs(top - lens.getBoundingClientRect().bottom) < height / 2)) continue;
    for (const link of lens.querySelectorAll(tags)) {
      if (!RegExp(title).test(plain(link))) continue;
      link.setAttribute(mark, "");
      return plain(link);
    }
  }
  return null;
}

function hoverText(expected) {
  const hovers = [...document.querySelectorAll(".monaco-hover:not(.hidden)")].map((one) => one.innerText);
  return hovers.find((text) => RegExp(expected).test(text)) ?? null;
}

function ghostText({ editor, expected }) {
  const parts = [...document.querySelectorAll(`${editor} [class*=ghost-text]`)].map((one) => one.textContent);
  const text = parts.join("").replaceAll("\u00a0", " ");
  return RegExp(expected).test(text) ? text : null;
}
