/** Which model is meant, and what may be chosen; nobody is asked here. */

import type { Finding } from "./findings";

/** What the editor calls one of its models. */
export interface ModelNames {
  readonly id: string;
  readonly vendor: string;
  readonly family: string;
  readonly name: string;
}

/** A model that an endpoint lists. */
export interface Offer {
  readonly model: string;
  /** To be set to ask there; empty: found by itself. */
  readonly baseUrl: string;
  readonly where: string;
}

const NAMINGS: readonly ((model: ModelNames) => string)[] = [
  (model) => model.id,
  (model) => `${model.vendor}/${model.family}`,
  (model) => model.family,
  (model) => model.name,
];

/** The models that a name means, by the strictest way of naming that fits any; all of them without a name. */
export function meant<M extends ModelNames>(models: readonly M[], name: string): readonly M[] {
  if (!name) return models;
  const same = (one: string) => one.toLowerCase() === name.toLowerCase();
  const fitting = NAMINGS.map((naming) => models.filter((model) => same(naming(model))));
  return fitting.find((some) => some.length > 0) ?? [];
}

/** The first that the user allows, then the first that was not asked about; the editor's own order counts besides. */
export function preferred<M>(models: readonly M[], allowed: (model: M) => boolean | undefined): M | undefined {
  return models.find((model) => allowed(model) === true) ?? models.find((model) => allowed(model) !== false) ?? models[0];
}

/** The shortest name that means this model and no other. */
export function nameOf(model: ModelNames, models: readonly ModelNames[]): string {
  const names = [model.family, `${model.vendor}/${model.family}`];
  return names.find((name) => name && meant(models, name).every((one) => one === model)) ?? model.id;
}

/** The name in `editor:NAME`, empty for `editor`; undefined if another model is set. */
export function editorsName(model: string): string | undefined {
  return /^editor(?::(.*))?$/.test(model) ? model.slice("editor:".length) : undefined;
}

/** An endpoint that is set, and not found by itself: the doctor names it by its address first. */
export function isSet({ part, what, base_url: url = "" }: Finding): boolean {
  return part === "model" && what.startsWith(url);
}

/**
 * What endpoints list, each once.
 *
 * @param free Whether servers on this machine are looked for while `baseUrl` is not set. Setting it has a key sent there, so
 * it is set only where it is needed to find the model.
 */
export function offers(findings: readonly Finding[], free: boolean): readonly Offer[] {
  const all = findings.flatMap((one) => (one.models ?? []).map((model) => ({ one, model, baseUrl: one.base_url ?? "", where: one.what })));
  const each = [...new Map(all.map((offer) => [`${offer.baseUrl} ${offer.model}`, offer])).values()];
  const local = each.filter(({ one }) => !isSet(one)).map(({ model }) => model);
  const single = (model: string) => local.indexOf(model) === local.lastIndexOf(model);
  return each.map(({ one, model, baseUrl, where }) => ({ model, where, baseUrl: free && !isSet(one) && single(model) ? "" : baseUrl }));
}

/** Whether an address was entered, and not the name of a model. */
export function isAddress(entered: string): boolean {
  return /^[a-z]+:\/\/|^(localhost|[\d.]+):\d+/i.test(entered.trim());
}

/** What is wrong with what was entered, for people; undefined if nothing is. */
export function problemWith(entered: string): string | undefined {
  if (!isAddress(entered)) return undefined;
  const url = URL.parse(entered.trim());
  if (!url || !/^https?:$/.test(url.protocol)) return "An address is such as http://localhost:11434/v1";
  return url.username || url.password ? "Leave the key out of the address; SoA: Set API Key keeps it." : undefined;
}

/** Whether an endpoint is somebody else's, which mostly wants a key. */
export function isHosted(address: string): boolean {
  return address.startsWith("https:");
}
