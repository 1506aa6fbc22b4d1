/** The prompts and replies of an agent as Markdown. */

import type { Exchange } from "./protocol";
import { doing, line, plural, short } from "./wording";

/**
 * One heading for each call, one for each message.
 *
 * @param problem What kept the calls from being read; empty if nothing did.
 */
export function transcript(title: string, exchanges: readonly Exchange[], problem = ""): string {
  const calls = exchanges.flatMap((exchange, index) => call(exchange, index + 1));
  const count = calls.length > 0 ? plural(exchanges.length, "call") : "No calls yet.";
  return [`# ${title}`, problem || count, ...calls].join("\n\n") + "\n";
}

function call(exchange: Exchange, number: number): string[] {
  const time = new Date(exchange.at * 1000).toLocaleTimeString(undefined, { hour12: false });
  const tokens = `${short(exchange.promptTokens)} + ${short(exchange.completionTokens)} tokens`;
  const answered = exchange.reply !== null;
  return [
    `## ${line(`${number}. ${doing(exchange.step)}`, time, answered ? tokens : "")}`,
    ...exchange.messages.flatMap(({ role, content }) => [`### ${role}`, fenced(content)]),
    "### reply",
    exchange.reply === null ? "Not answered yet." : fenced(exchange.reply),
  ];
}

/** A text in a fence that is longer than any inside. */
export function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}markdown\n${text}${text.endsWith("\n") ? "" : "\n"}${fence}`;
}
