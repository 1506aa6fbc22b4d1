/** Where a function stands in a text. */

const LITERAL = /("""|''')(?:\\[\s\S]|(?!\1)[^\\])*\1|"(?:\\.|[^"\\\r\n])*"|'(?:\\.|[^'\\\r\n])*'|#.*/g;
const LINE = /\r\n|\r|\n/;
const DEFINITION = /^([ \t]*)(?:async[ \t]+)?(?:def|class)[ \t]+([\p{L}\p{N}_]+)/u;

/**
 * The line of the first of some functions that is there, from 0.
 *
 * @param names Qualified names (`Ledger.post`), the most wanted first. Of several definitions of a name (overloads), the last counts.
 * @returns undefined if the text has none of them.
 */
export function locate(text: string, names: readonly string[]): number | undefined {
  const lines = definitions(text);
  return names.map((name) => lines.get(name.normalize("NFKC"))).find((line) => line !== undefined);
}

/** The first line of a function, from 0, that is not the same before and after; 0 without the function. */
export function firstChange(before: string, after: string, name: string): number {
  const [from, to] = [locate(before, [name]), locate(after, [name])];
  if (from === undefined || to === undefined) return 0;
  const old = before.split(LINE).slice(from);
  const same = after.split(LINE).slice(to).findIndex((line, index) => line !== old[index]);
  return to + Math.max(0, same);
}

function definitions(text: string): Map<string, number> {
  const found = new Map<string, number>();
  const around: { readonly indent: number; readonly name: string }[] = [];
  const code = text.replace(/^\ufeff/, "").replace(LITERAL, (literal) => literal.replaceAll(/[^\r\n]/g, " "));
  code.split(LINE).forEach((line, number) => {
    const [, indent = "", name = ""] = DEFINITION.exec(line) ?? [];
    if (!name) return;
    while (around.length > 0 && (around.at(-1)?.indent ?? 0) >= indent.length) around.pop();
    around.push({ indent: indent.length, name });
    found.set(around.map((one) => one.name).join(".").normalize("NFKC"), number);
  });
  return found;
}
