import { parse } from 'smol-toml';
import * as z from 'zod/mini';
import { parseCidr } from '../input/address.ts';
import { type ErrorOptions, FlatnetError } from '../input/error.ts';
import { nearest } from '../input/nearest.ts';
import { isFields } from '../input/parse.ts';
import { quote } from '../input/quote.ts';
import { matching, oneOf, parseAs, textThat } from '../input/schema.ts';
import { parseListen } from './parse-listen.ts';
import { FOREIGN_LABELS, PLACES, type Settings } from './settings.ts';

/*
 * `/etc/flatnet/flatnetd.toml`. Keys are written as TOML users do, with a hyphen: `foreign-labels`. An unknown key is an error:
 * a mistyped `expose` must not open what its owner meant to close.
 */

/** RFC 1918, RFC 4193, link-local, and the range of carriers' NAT, which VPNs of offices use. */
const PRIVATE_RANGES = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
];

const HOST_LABEL = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';
const HOST_NAME = new RegExp(`^(?=.{1,253}$)${HOST_LABEL}(\\.${HOST_LABEL})*$`);

const hostName = matching(HOST_NAME, 'a host name in lower case, as "flatnet.internal"');
const cidr = textThat((text) => parseCidr(text) !== undefined, 'a CIDR, as "192.168.10.0/24"');
const cidrs = z.array(cidr);
const listen = z.array(
  textThat(
    (text) => parseListen(text) !== undefined,
    'ADDRESS:PORT, as "*:80", "192.168.10.1:80" or "[fd00::1]:80"',
  ),
);
const path = matching(/^\/[^\0\r\n"';{}$\\]*$/, 'an absolute path without quotes');

const SCHEMA = z.object({
  gateway: z.object({
    listen,
    domain: hostName,
    expose: oneOf(['all', 'labelled'], '"all" or "labelled"'),
    'foreign-labels': z.array(oneOf(FOREIGN_LABELS, `one of ${FOREIGN_LABELS.join(', ')}`)),
    'trusted-proxies': cidrs,
    'literal-headers': z.boolean(),
    passwords: path,
  }),
  api: z.object({ listen, read: cidrs, write: cidrs, hosts: z.array(hostName), 'token-file': path }),
  nginx: z.object({
    program: textThat((text) => text === 'auto' || /^\/[^\0\r\n]*$/.test(text), '"auto" or an absolute path'),
    lua: oneOf(['auto', 'off'], '"auto" or "off"'),
  }),
  podman: z.object({ socket: path }),
});

/** The file as it would be without a line in it. */
const DEFAULTS = {
  gateway: {
    listen: ['*:80'],
    domain: 'flatnet.local',
    expose: 'all',
    'foreign-labels': [],
    'trusted-proxies': [],
    'literal-headers': false,
    passwords: '/etc/flatnet/passwords',
  },
  api: {
    listen: ['*:8080'],
    read: PRIVATE_RANGES,
    write: [],
    hosts: [],
    'token-file': '/etc/flatnet/token',
  },
  nginx: { program: 'auto', lua: 'auto' },
  podman: { socket: '/run/podman/podman.sock' },
} as const;

function invalid(where: string, problem: string, options: ErrorOptions): FlatnetError {
  return new FlatnetError('invalid', `Invalid ${where}: ${problem}`, options);
}

function refuseUnknown(given: object, known: object, { where, at }: { where: string; at: string }): void {
  for (const key of Object.keys(given)) {
    if (key in known) continue;
    const near = nearest(key, Object.keys(known));
    const hint =
      near === undefined ? `known are ${Object.keys(known).join(', ')}` : `did you mean "${near}"?`;
    throw invalid(
      where,
      `unknown ${at === '' ? 'table' : 'key'} ${quote(at === '' ? key : `${at}.${key}`)}`,
      { details: hint },
    );
  }
}

/** A table of the file over its defaults. */
function merged(file: object, where: string): Record<string, unknown> {
  const tables: Record<string, unknown> = {};
  refuseUnknown(file, DEFAULTS, { where, at: '' });
  const given = new Map(Object.entries(file));
  for (const [name, defaults] of Object.entries(DEFAULTS)) {
    const table: unknown = given.get(name) ?? {};
    if (!isFields(table))
      throw invalid(where, `${quote(name)} is no table`, { details: `write it as [${name}]` });
    refuseUnknown(table, defaults, { where, at: name });
    tables[name] = { ...defaults, ...table };
  }
  return tables;
}

function parseToml(text: string, where: string): object {
  try {
    return parse(text);
  } catch (cause) {
    const said = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    const line = cause instanceof Error && 'line' in cause ? ` line ${String(cause.line)}:` : '';
    throw invalid(where, 'it is not TOML', { details: `${line} ${said}`.trim(), cause });
  }
}

/**
 * @param where names the file in errors.
 * @throws FlatnetError `invalid`, naming key, value and what would be right.
 */
export function parseSettings(text: string, where: string = PLACES.settings): Settings {
  const file = parseAs(SCHEMA, merged(parseToml(text, where), where), ({ path: keys, value, expected }) =>
    invalid(where, `${quote(keys.join('.'))} is ${quote(value)}`, { details: `expected ${expected}` }),
  );
  const { gateway, api } = file;
  const listens = (texts: readonly string[]) => texts.flatMap((one) => parseListen(one) ?? []);
  return {
    ...file,
    gateway: {
      listen: listens(gateway.listen),
      domain: gateway.domain,
      expose: gateway.expose,
      foreignLabels: gateway['foreign-labels'],
      trustedProxies: gateway['trusted-proxies'],
      literalHeaders: gateway['literal-headers'],
      passwords: gateway.passwords,
    },
    api: {
      listen: listens(api.listen),
      read: api.read,
      write: api.write,
      hosts: api.hosts,
      tokenFile: api['token-file'],
    },
  };
}
