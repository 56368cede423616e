import { hostPort } from '../../input/host-port.ts';
import { printable } from '../../input/printable.ts';
import { quote } from '../../input/quote.ts';
import type { PortReason, Refusal, RouteState } from '../model.ts';
import type { ExplainedRoute, Explanation } from '../plan/explain.ts';
import { FORMS } from '../plan/forms.ts';
import type { Catalogue } from './catalogue.ts';
import { ENGLISH } from './en.ts';
import { JAPANESE } from './ja.ts';

export type Language = 'en' | 'ja';

/** Milliseconds since 1970. */
export interface StateTimes {
  readonly since: number;
  readonly now: number;
  readonly exitCode?: number | undefined;
}

/**
 * What the gateway says, in one language: plain texts of one line without final period, unprintable characters escaped.
 * Whoever puts them into HTML escapes them for HTML.
 */
export interface Words {
  readonly language: Language;
  /** @param duration milliseconds: "12 s", "3 min". */
  age(duration: number): string;
  /** Without age, for a badge. */
  stateName(state: RouteState): string;
  /** "starting (12 s)", "stopped 3 min ago, exit 1". */
  state(state: RouteState, times: StateTimes): string;
  /** What to do about a state; `undefined` if it is well. */
  advice(state: RouteState, container: string): string | undefined;
  /** Follows "Port 3000: ". */
  portReason(reason: PortReason): string;
  refusal(refusal: Refusal): string;
  /** Lines that say all of it, the outcome first. */
  explanation(explanation: Explanation, now: number): readonly string[];
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function ageIn({ ages }: Catalogue, duration: number): string {
  const seconds = Math.max(0, Math.floor(duration / 1000));
  if (seconds < MINUTE) return ages.seconds(seconds);
  if (seconds < HOUR) return ages.minutes(Math.floor(seconds / MINUTE));
  return seconds < 2 * DAY ? ages.hours(Math.floor(seconds / HOUR)) : ages.days(Math.floor(seconds / DAY));
}

/** The English of what was expected is part of the model; other languages find theirs by it. */
function expectedIn({ forms, meant }: Catalogue, text: string): string {
  const [, english = text, guess] = /^(.*); did you mean "(.*)"\?$/.exec(text) ?? [];
  const known = Object.entries(FORMS).find(([, form]) => form === english)?.[0];
  const form = Object.entries(forms).find(([key]) => key === known)?.[1] ?? english;
  return guess === undefined ? form : meant(form, guess);
}

function refusalIn(catalogue: Catalogue, refusal: Refusal): string {
  const { refusals } = catalogue;
  switch (refusal.why) {
    case 'not-on-flatnet':
      return refusals['not-on-flatnet'](refusal, quote);
    case 'disabled':
      return refusals.disabled(refusal, quote);
    case 'not-labelled':
      return refusals['not-labelled'](refusal, quote);
    case 'no-address':
      return refusals['no-address'](refusal, quote);
    case 'no-host-name':
      return refusals['no-host-name'](refusal, quote);
    case 'no-web-port':
      return refusals['no-web-port'](refusal, quote);
    case 'bad-label': {
      const expected = expectedIn(catalogue, refusal.expected);
      return refusals['bad-label']({ ...refusal, expected }, quote);
    }
    case 'conflict':
      return refusals.conflict(refusal, quote);
    case 'quarantined':
      return refusals.quarantined(refusal, quote);
  }
}

function portReasonIn({ portReasons }: Catalogue, reason: PortReason): string {
  switch (reason.by) {
    case 'label':
      return portReasons.label(reason);
    case 'only-web-port':
      return portReasons['only-web-port'](reason);
    case 'first-answer':
      return portReasons['first-answer'](reason);
  }
}

function stateIn(catalogue: Catalogue, state: RouteState, { since, now, exitCode }: StateTimes): string {
  return catalogue.states[state](ageIn(catalogue, now - since), exitCode);
}

/** `forgejo.local/git/`; the path of a whole host is not worth a word. */
function placeOf({ hosts, path }: ExplainedRoute, asked: string): string {
  const host = hosts.includes(asked) ? asked : (hosts[0] ?? asked);
  return path === '/' ? host : host + path;
}

function routeLines(
  catalogue: Catalogue,
  route: ExplainedRoute,
  { asked, now }: { readonly asked: string; readonly now: number },
): readonly string[] {
  const { explanations, list } = catalogue;
  const { container, port, hosts } = route;
  const address = hostPort(route.address, port);
  const host = placeOf(route, asked);
  const others = hosts.filter((one) => one !== (hosts.includes(asked) ? asked : hosts[0]));
  const state = stateIn(catalogue, route.state, { ...route, now });
  return [
    explanations.served({ host, container: quote(container), address, state }),
    explanations.port(port, portReasonIn(catalogue, route.portReason)),
    ...(others.length === 0 ? [] : [explanations.otherHosts(list(others))]),
    ...(route.state === 'ready' ? [] : [catalogue.advice[route.state](container)]),
  ];
}

function headOf({ explanations }: Catalogue, explanation: Explanation): readonly string[] {
  const { asked, kind, outcome, service } = explanation;
  const container = quote(service?.container.name ?? '');
  switch (outcome) {
    case 'served':
      return [];
    case 'address':
      return [explanations.byAddress(asked, container)];
    case 'not-served':
      return [
        kind === 'host' ? explanations.notServedAs(asked, container) : explanations.notServed(container),
      ];
    case 'unknown':
      return [
        kind === 'host'
          ? explanations.unknownHost(quote(asked))
          : explanations.unknownContainer(quote(asked)),
      ];
  }
}

function explanationIn(catalogue: Catalogue, explanation: Explanation, now: number): readonly string[] {
  const { explanations, list } = catalogue;
  const { asked, routes, refusals, claimants, suggestions } = explanation;
  const told = routes.length > 0 ? explanations.remark : explanations.refused;
  return [
    ...headOf(catalogue, explanation),
    ...routes.flatMap((route) => routeLines(catalogue, route, { asked, now })),
    ...refusals.map((refusal) => told(refusalIn(catalogue, refusal))),
    ...(claimants.length === 0 ? [] : [explanations.claimants(asked, list(claimants.map(quote)))]),
    ...(suggestions.length === 0 ? [] : [explanations.suggestions(list(suggestions))]),
  ];
}

const CATALOGUES: Readonly<Record<Language, Catalogue>> = { en: ENGLISH, ja: JAPANESE };

/** The words of a language. */
export function wordsFor(language: Language): Words {
  const catalogue = CATALOGUES[language];
  return {
    language,
    age: (duration) => ageIn(catalogue, duration),
    stateName: (state) => catalogue.stateNames[state],
    state: (state, times) => stateIn(catalogue, state, times),
    advice: (state, container) =>
      state === 'ready' ? undefined : printable(catalogue.advice[state](container)),
    portReason: (reason) => printable(portReasonIn(catalogue, reason)),
    refusal: (refusal) => printable(refusalIn(catalogue, refusal)),
    explanation: (explanation, now) => explanationIn(catalogue, explanation, now).map(printable),
  };
}
