import { isIP } from 'node:net';
import { isAtLeast } from './versions.ts';

/**
 * Errors in a result's shape in a version of the specification, one sentence each. Undefined keys pass: plugins and
 * later versions may add some.
 */
export function shapeErrors(result: unknown, version: string): string[] {
  if (!isObject(result)) return [`the result is ${JSON.stringify(result)}, not an object`];
  const errors =
    result['cniVersion'] === version ? [] : [wrong('cniVersion', result['cniVersion'], `"${version}"`)];
  const rest = isAtLeast(version, '0.3.0') ? currentErrors(result, version) : legacyErrors(result);
  return [...errors, ...rest, ...dnsErrors(result['dns'])];
}

export type Json = Readonly<Record<string, unknown>>;
/** A key, what its value must fulfil, and that in words. */
export type Check = readonly [name: string, isRight: (value: unknown) => boolean, wanted: string];

/** 0.1.0 and 0.2.0: one address of each family, with its routes inside. */
function legacyErrors(result: Json): string[] {
  const present = ['ip4', 'ip6'].filter((key) => result[key] !== undefined);
  const errors = present.length > 0 ? [] : ['there is neither "ip4" nor "ip6"'];
  const foreign = ['interfaces', 'ips', 'routes'].filter((key) => result[key] !== undefined);
  return [
    ...errors,
    ...foreign.map((key) => `there is "${key}", which came with 0.3.0`),
    ...present.flatMap((key) => {
      const family = key === 'ip4' ? 4 : 6;
      const entry = result[key];
      if (!isObject(entry)) return [wrong(key, entry, 'an object')];
      return [
        ...checkKeys(entry, key, [
          ['ip', isCidr(family), `an IPv${family} address with its prefix`],
          ['gateway', optional(isAddress(family)), `an IPv${family} address`],
        ]),
        ...listErrors(entry['routes'] ?? [], `${key}.routes`, (route, at) => routeErrors(route, at, family)),
      ];
    }),
  ];
}

/** 0.3.0 and newer: interfaces, addresses that point at them, routes. */
function currentErrors(result: Json, version: string): string[] {
  const legacy = ['ip4', 'ip6'].filter((key) => result[key] !== undefined);
  // 0.3.0 says "ip" by mistake; 0.3.1 corrected it to the word in general use.
  const ips = result['ips'] ?? (version === '0.3.0' ? result['ip'] : undefined);
  const interfaces = result['interfaces'];
  return [
    ...legacy.map((key) => `there is "${key}", which went away with 0.3.0`),
    ...listErrors(interfaces, 'interfaces', interfaceErrors),
    ...listErrors(ips ?? [], 'ips', (entry, at) => ipErrors(entry, at, { version, interfaces })),
    ...listErrors(result['routes'] ?? [], 'routes', (route, at) => routeErrors(route, at)),
  ];
}

function interfaceErrors(entry: Json, at: string): string[] {
  return checkKeys(entry, at, [
    ['name', isText, 'a text'],
    ['mac', optional(isMac), 'a hardware address'],
    ['mtu', optional(isUnsigned), 'a number from 0'],
    ['sandbox', optional(isString), 'a text'],
    ['socketPath', optional(isString), 'a text'],
    ['pciID', optional(isString), 'a text'],
  ]);
}

function ipErrors(entry: Json, at: string, context: { version: string; interfaces: unknown }): string[] {
  const { version, interfaces } = context;
  const family = isIP(String(entry['address']).split('/')[0] ?? '');
  const count = Array.isArray(interfaces) ? interfaces.length : 0;
  return [
    ...checkKeys(entry, at, [
      ['address', isCidr(), 'an address with its prefix'],
      ['gateway', optional(isAddress(family === 0 ? undefined : family)), `an address of the same family`],
      [
        'interface',
        optional((value) => isUnsigned(value) && Number(value) < count),
        `an index into the ${count} interfaces`,
      ],
    ]),
    ...(isAtLeast(version, '1.0.0')
      ? checkKeys(entry, at, [['version', (value) => value === undefined, 'absent, it went away with 1.0.0']])
      : checkKeys(entry, at, [['version', (value) => value === String(family), `"${family}"`]])),
  ];
}

function routeErrors(entry: Json, at: string, family?: number): string[] {
  const own = isIP(String(entry['dst']).split('/')[0] ?? '');
  return checkKeys(entry, at, [
    ['dst', isCidr(family), 'a destination with its prefix'],
    ['gw', optional(isAddress(own === 0 ? undefined : own)), 'an address of the same family'],
    ...['mtu', 'advmss', 'priority', 'table', 'scope'].map((key): Check => [
      key,
      optional(isUnsigned),
      'a number from 0',
    ]),
  ]);
}

function dnsErrors(dns: unknown): string[] {
  if (dns === undefined) return [];
  if (!isObject(dns)) return [wrong('dns', dns, 'an object')];
  const lists = ['nameservers', 'search', 'options'].map((key): Check => [
    key,
    optional(isTextList),
    'a list of texts',
  ]);
  return checkKeys(dns, 'dns', [...lists, ['domain', optional(isString), 'a text']]);
}

/** Errors of a list and of the objects in it. */
export function listErrors(
  list: unknown,
  name: string,
  errorsOf: (entry: Json, at: string) => string[],
): string[] {
  if (!Array.isArray(list)) return [wrong(name, list, 'a list')];
  return list.flatMap((entry: unknown, index) => {
    const at = `${name}[${index}]`;
    return isObject(entry) ? errorsOf(entry, at) : [wrong(at, entry, 'an object')];
  });
}

/** One sentence for every key of an object that is not as wanted. */
export function checkKeys(entry: Json, at: string, checks: readonly Check[]): string[] {
  return checks
    .filter(([key, isRight]) => !isRight(entry[key]))
    .map(([key, , wanted]) => wrong(`${at}.${key}`, entry[key], wanted));
}

/** `"key" is VALUE, wanted ...` */
export const wrong = (key: string, value: unknown, wanted: string): string =>
  `"${key}" is ${value === undefined ? 'missing' : JSON.stringify(value)}, wanted ${wanted}`;

const optional =
  (isRight: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    value === undefined || isRight(value);

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const isString = (value: unknown): boolean => typeof value === 'string';
export const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
export const isUnsigned = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0;
export const isTextList = (value: unknown): boolean => Array.isArray(value) && value.every(isString);
export const isMac = (value: unknown): boolean => /^([0-9a-f]{2}:)+[0-9a-f]{2}$/i.test(String(value));

export const isAddress =
  (family?: number) =>
  (value: unknown): boolean =>
    typeof value === 'string' && (family === undefined ? isIP(value) !== 0 : isIP(value) === family);

export const isCidr =
  (family?: number) =>
  (value: unknown): boolean => {
    const [address = '', prefix = '', ...rest] = String(value).split('/');
    const own = isIP(address);
    return (
      typeof value === 'string' &&
      rest.length === 0 &&
      /^\d+$/.test(prefix) &&
      Number(prefix) <= (own === 6 ? 128 : 32) &&
      isAddress(family)(address)
    );
  };
