import type { Model, Route } from '../model.ts';
import { UnrenderableRoute } from './render/grammar.ts';
import { routeAt } from './render/hosts.ts';

/** A route that nginx does not take. */
export interface Refused {
  /** What nginx said. */
  readonly message: string;
  /** What was refused; another text is tried again. */
  readonly text: string;
}

export type Quarantine = ReadonlyMap<string, Refused>;

/** What a route asks of nginx. */
export function textOf({ hosts, path, options, backends }: Route): string {
  const to = backends.map(({ address, port }) => `${address} ${port}`);
  return JSON.stringify([hosts, path, options, to]);
}

/** Without the routes that are known to be refused as they are. */
export function withoutRefused(model: Model, quarantine: Quarantine): Model {
  const isRefused = (route: Route): boolean => quarantine.get(route.id)?.text === textOf(route);
  return { ...model, routes: model.routes.filter((route) => !isRefused(route)) };
}

/** Those of a model that are still as nginx refused them. */
export function stillRefused(quarantine: Quarantine, { routes }: Model): Quarantine {
  const texts = new Map(routes.map((route) => [route.id, textOf(route)]));
  return new Map([...quarantine].filter(([id, { text }]) => texts.get(id) === text));
}

/** Writes a configuration and has nginx test it; what nginx said, or `undefined` if it takes it. */
export interface Trial {
  tryOut(model: Model): Promise<string | undefined>;
  /** A fragment of what was tried last. */
  readonly fragment: (id: string) => string | undefined;
}

/** The route that a message of nginx is about: `… in /…/routes/forgejo.conf:12`. */
export function routeNamedIn(said: string, fragment: Trial['fragment']): string | undefined {
  const found = /\broutes\/([a-z0-9-]+)\.conf:(\d+)/.exec(said);
  if (found === null) return undefined;
  const [, id = '', line = ''] = found;
  return routeAt(fragment(id) ?? '', Number(line)) ?? id;
}

export interface Sifted {
  /** What nginx takes. */
  readonly model: Model;
  readonly refused: Quarantine;
  /** What nginx said of a configuration without any route: the fault is none of theirs. */
  readonly broken: string | undefined;
}

/** As `tryOut`; a route that is not even written is named like one that nginx names. */
async function attempt(
  trial: Trial,
  model: Model,
): Promise<{ said: string; culprit: string | undefined } | undefined> {
  try {
    const said = await trial.tryOut(model);
    return said === undefined ? undefined : { said, culprit: routeNamedIn(said, trial.fragment) };
  } catch (error) {
    if (error instanceof UnrenderableRoute) return { said: error.message, culprit: error.route };
    throw error;
  }
}

/** The first route with which the ones before it are refused. */
async function bisect(trial: Trial, model: Model): Promise<string | undefined> {
  const first = (count: number): Model => ({ ...model, routes: model.routes.slice(0, count) });
  let [good, bad] = [0, model.routes.length];
  if ((await attempt(trial, first(0))) !== undefined) return undefined;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if ((await attempt(trial, first(middle))) === undefined) good = middle;
    else bad = middle;
  }
  return model.routes[bad - 1]?.id;
}

/** Takes routes out until nginx takes the rest: one bad label must not stop the others (gateway.md D5). */
export async function sift(model: Model, trial: Trial): Promise<Sifted> {
  const refused = new Map<string, Refused>();
  let rest = model;
  for (;;) {
    const failed = await attempt(trial, rest);
    if (failed === undefined) return { model: rest, refused, broken: undefined };
    const named = rest.routes.find(({ id }) => id === failed.culprit)?.id;
    const culprit = named ?? (await bisect(trial, rest));
    const route = rest.routes.find(({ id }) => id === culprit);
    if (route === undefined) return { model: rest, refused, broken: failed.said };
    refused.set(route.id, { message: failed.said, text: textOf(route) });
    rest = { ...rest, routes: rest.routes.filter(({ id }) => id !== route.id) };
  }
}
