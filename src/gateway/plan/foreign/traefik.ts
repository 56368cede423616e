import type { Labels, Refusal } from '../../model.ts';
import { badLabel, type Form, type LabelValue } from '../forms.ts';
import { byText, NO_LABELS, type RawLabels, type ServingKey } from '../reading.ts';
import { asServices, type ForeignService, valuesOf } from './entries.ts';
import { parseTraefikRule } from './traefik-rule.ts';

/** `rule` or `loadbalancer.server.port`, with its label; keys are lower case, as Traefik takes them in any case. */
type Options = Map<string, LabelValue>;

interface TraefikLabels {
  readonly enable: LabelValue | undefined;
  readonly routers: ReadonlyMap<string, Options>;
  readonly services: ReadonlyMap<string, Options>;
  /** Of TCP and UDP, which no browser speaks. */
  readonly others: readonly LabelValue[];
}

function optionsIn(map: Map<string, Options>, name: string): Options {
  const options = map.get(name) ?? new Map<string, LabelValue>();
  map.set(name, options);
  return options;
}

function sort(labels: Labels): TraefikLabels {
  const [routers, services] = [new Map<string, Options>(), new Map<string, Options>()];
  const others: LabelValue[] = [];
  let enable: LabelValue | undefined;
  const own = Object.entries(labels).sort(([one], [other]) => byText(one, other));
  for (const [label, value] of own) {
    const key = label.toLowerCase();
    const [, kind, name = '', option = ''] =
      /^traefik\.http\.(routers|services)\.([^.]+)\.(.+)$/.exec(key) ?? [];
    if (key === 'traefik.enable') enable = { label, value };
    else if (kind !== undefined) {
      optionsIn(kind === 'routers' ? routers : services, name).set(option, { label, value });
    } else if (/^traefik\.(tcp|udp)\./.test(key)) others.push({ label, value });
  }
  return { enable, routers, services, others };
}

const SERVER = 'loadbalancer.server.';

/** The service that a router sends to: the one it names, the only one, or the one of its own name. */
function serviceOf(all: TraefikLabels, router: string, options: Options): Options | undefined {
  const named = options.get('service')?.value;
  if (named !== undefined) return all.services.get(named.toLowerCase());
  return all.services.size === 1 ? [...all.services.values()][0] : all.services.get(router);
}

/** What a router asks for that would be left out: it might be the password. */
function unsupported(all: TraefikLabels, router: string, options: Options): readonly Refusal[] {
  const service = serviceOf(all, router, options);
  const found: (readonly [LabelValue | undefined, Form])[] = [
    [options.get('middlewares'), 'traefikRouter'],
    [service?.get(`${SERVER}url`), 'traefikUrl'],
  ];
  const isMissing = service === undefined && (options.has('service') || all.services.size > 1);
  if (isMissing) found.push([options.get('service') ?? options.get('rule'), 'traefikService']);
  return found.flatMap(([at, form]) => (at === undefined ? [] : [badLabel(at, form)]));
}

/** A router as a service; one without rule has the container's own names, as with Traefik's default rule. */
function readRouter(all: TraefikLabels, router: string, options: Options): ForeignService {
  const rule = options.get('rule');
  const parsed = rule === undefined ? { hosts: [], path: undefined } : parseTraefikRule(rule.value);
  const service = serviceOf(all, router, options);
  const part = (value: string | undefined): LabelValue | undefined =>
    rule === undefined || value === undefined ? undefined : { label: rule.label, value };
  const values: ReadonlyMap<ServingKey, LabelValue> = valuesOf([
    ['enable', all.enable],
    ['host', parsed === undefined || parsed.hosts.length === 0 ? undefined : part(parsed.hosts.join(','))],
    ['path', part(parsed?.path)],
    ['port', service?.get(`${SERVER}port`)],
    ['scheme', service?.get(`${SERVER}scheme`)],
  ]);
  const refused = rule !== undefined && parsed === undefined ? [badLabel(rule, 'traefikRule')] : [];
  return { name: router, values, refusals: [...refused, ...unsupported(all, router, options)] };
}

/** Options of services that change nothing of what a browser gets. */
const HARMLESS = /^loadbalancer\.(sticky|healthcheck)/;

function remarksOf({ services, others }: TraefikLabels): readonly Refusal[] {
  const options = [...services.values()].flatMap((service) => [...service]);
  const unread = options.filter(([key]) => !key.startsWith(SERVER) && !HARMLESS.test(key));
  return [...unread.map(([, at]) => at), ...others].map((at) => badLabel(at, 'traefikOption'));
}

export function readTraefik(labels: Labels): RawLabels {
  const all = sort(labels);
  const routers = [...all.routers].map(([name, options]) => readRouter(all, name, options));
  // Services without router get one of their own from Traefik, with the default rule.
  const alone = [...all.services.keys()].slice(0, 1).map((name) => readRouter(all, name, new Map()));
  const enable = { name: 'web', values: valuesOf([['enable', all.enable]]), refusals: [] };
  const declared = routers.length > 0 ? routers : alone;
  const isOnly = declared.length === 0 && all.enable !== undefined;
  return { ...NO_LABELS, services: asServices(isOnly ? [enable] : declared), remarks: remarksOf(all) };
}
