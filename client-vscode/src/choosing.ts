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

/** What endpoints list, each once. */
export function offers(findings: readonly Finding[]): readonly Offer[] {
  const all = findings.flatMap((one) => one.models.map((model) => ({ model, baseUrl: one.base_url, where: one.what })));
  return [...new Map(all.map((offer) => [`${offer.baseUrl} ${offer.model}`, offer])).values()];
}

/** What is wrong with an endpoint's address, for people; undefined if nothing is. */
export function problemWith(address: string): string | undefined {
  const url = URL.parse(address.trim());
  if (!url || !/^https?:$/.test(url.protocol)) return "An address such as http://localhost:11434/v1";
  return url.username || url.password ? "Leave the key out of the address; SoA: Set API Key keeps it." : undefined;
}

/** Whether an endpoint is somebody else's, which mostly wants a key. */
export function isHosted(address: string): boolean {
  return URL.parse(address)?.protocol === "https:";
}
