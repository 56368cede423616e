import type { Refusal, RouteOptions } from '../model.ts';
import type { Settings } from '../settings.ts';
import { accessOf } from './access.ts';
import { badLabel, type LabelValue } from './forms.ts';
import {
  ACCESS,
  BOOLEAN,
  FILE_NAME,
  type Grammar,
  HEALTH,
  HOSTS,
  PATH,
  POOL,
  PORT,
  SCHEME,
  SIZE,
  TIME,
} from './grammar.ts';
import { isOwnName } from './host-names.ts';
import type { RawService, ServingKey } from './reading.ts';

/** A service whose labels have all been read. */
export interface ServiceLabels {
  /** `undefined` for the one that has the container's own names. */
  readonly service: string | undefined;
  /** The label that turns it off. */
  readonly disabledBy: string | undefined;
  /** From labels, the canonical one first. */
  readonly hosts: readonly string[];
  readonly port: { readonly port: number; readonly label: string } | undefined;
  readonly path: string;
  readonly options: RouteOptions;
  /** The pool it belongs to, with its label. */
  readonly balance: (LabelValue & { readonly pool: string }) | undefined;
  /** Whether the container's own health check is ignored. */
  readonly ignoresHealth: boolean;
  /** If there is one, the service is not served. */
  readonly refusals: readonly Refusal[];
}

/** gateway.md D12: an hour, so that quiet websockets live. */
const DEFAULT_TIMEOUT = 3600;

/** What values are read with. */
export interface ReadingContext {
  readonly settings: Settings;
  readonly hostAddresses: readonly string[];
}

type Read = <T, F>(key: ServingKey, grammar: Grammar<T>, fallback: F) => T | F;

/** Reads the values of one service; what does not conform is refused, and the fallback stands for it. */
function reader(raw: RawService, refusals: Refusal[]): Read {
  return (key, grammar, fallback) => {
    const at = raw.values.get(key);
    if (at === undefined) return fallback;
    const value = grammar.parse(at.value);
    if (value === undefined) refusals.push(badLabel(at, grammar.form));
    return value ?? fallback;
  };
}

function readOptions(read: Read, hostAddresses: readonly string[]): RouteOptions {
  return {
    scheme: read('scheme', SCHEME, 'http'),
    strip: read('strip', BOOLEAN, false),
    bodyLimit: read('body-limit', SIZE, 0),
    timeout: read('timeout', TIME, DEFAULT_TIMEOUT),
    stream: read('stream', BOOLEAN, false),
    access: accessOf(read('access', ACCESS, []), hostAddresses),
    auth: read('auth', FILE_NAME, undefined),
  };
}

/** What no grammar of one label sees. */
function inconsistencies(raw: RawService, settings: Settings): readonly Refusal[] {
  const [host, path, balance] = [raw.values.get('host'), raw.values.get('path'), raw.values.get('balance')];
  const claimed = HOSTS.parse(host?.value ?? '') ?? [];
  const refusals: Refusal[] = [];
  if (host !== undefined && claimed.some((name) => isOwnName(name, settings))) {
    refusals.push(badLabel(host, 'ownName'));
  }
  if (balance !== undefined && host === undefined) refusals.push(badLabel(balance, 'poolHost'));
  if (raw.service !== undefined && host === undefined && path === undefined) {
    refusals.push(badLabel({ label: `flatnet.${raw.service}.host`, value: '' }, 'hostOrPath'));
  }
  return refusals;
}

/** Reads every value of a service through its grammar. */
export function readService(raw: RawService, { settings, hostAddresses }: ReadingContext): ServiceLabels {
  const refusals = [...raw.refusals];
  const read = reader(raw, refusals);
  const [port, balance] = [read('port', PORT, undefined), read('balance', POOL, undefined)];
  const isEnabled = read('enable', BOOLEAN, true);
  return {
    service: raw.service,
    disabledBy: isEnabled ? undefined : raw.values.get('enable')?.label,
    hosts: read('host', HOSTS, []),
    port: port === undefined ? undefined : { port, label: raw.values.get('port')?.label ?? '' },
    path: read('path', PATH, '/'),
    options: readOptions(read, hostAddresses),
    balance:
      balance === undefined
        ? undefined
        : { label: raw.values.get('balance')?.label ?? '', value: balance, pool: balance },
    ignoresHealth: read('health', HEALTH, false),
    refusals: [...refusals, ...inconsistencies(raw, settings)],
  };
}
