import {
  formatAddress,
  networkOf,
  parseAddress,
  parseCidr,
  type Cidr,
  type Family,
} from '../../input/address.ts';
import { parseExclude } from './exclude.ts';
import type { RangeFields } from './schema.ts';
import { configError } from '../errors.ts';
import { describeSubnet, hostsOf, spanContains, spansOverlap } from '../range.ts';
import type { Range, Span } from '../types.ts';

/** @throws IpamError `config` with `key` (the path in the configuration), value and expected form. */
export function parseRange(fields: RangeFields, key: string): Range {
  const { subnet, family } = parseSubnet(fields.subnet, `${key}.subnet`);
  const hosts = hostsOf(subnet, family);
  const within = (name: 'gateway' | 'rangeStart' | 'rangeEnd'): bigint | undefined =>
    parseWithin(fields[name], `${key}.${name}`, { family, subnet, hosts });
  const gateway = within('gateway') ?? hosts.first;
  if (!spanContains(hosts, gateway)) {
    const hint = 'it is the network or broadcast address; a host address is needed';
    throw configError(`${key}.gateway`, fields.gateway, hint);
  }
  const dynamic = { first: within('rangeStart') ?? hosts.first, last: within('rangeEnd') ?? hosts.last };
  if (dynamic.first > dynamic.last) {
    const name = fields.rangeStart === undefined ? 'rangeEnd' : 'rangeStart';
    throw configError(`${key}.${name}`, fields[name], 'rangeStart must not be above rangeEnd');
  }
  const range: Range = { family, subnet, dynamic, gateway, exclude: [] };
  return parseExclude(fields.exclude, `${key}.exclude`, [[range]])[0]?.[0] ?? range;
}

function parseSubnet(
  text: string,
  key: string,
): { readonly family: Family; readonly subnet: Range['subnet'] } {
  const cidr = parseCidr(text);
  if (cidr === undefined) {
    throw configError(key, text, 'a subnet like "10.87.1.0/24" or "fd00:87::/64" is needed');
  }
  const { family, prefix } = cidr;
  const { first, last } = networkOf(cidr);
  if (cidr.value !== first) {
    const right = `${formatAddress({ family, value: first })}/${prefix}`;
    throw configError(key, text, `it has host bits set; the network is "${right}"`);
  }
  if (first === last) {
    const wider = family === 4 ? '/31' : '/127';
    const hint = `it holds a single address, and gateway and container need one each; use ${wider} or larger`;
    throw configError(key, text, hint);
  }
  refuseSpecial(cidr, text, key);
  return { family, subnet: { first, last, prefix } };
}

/** Blocks in which no address can be assigned to an interface and reached. */
const SPECIAL: readonly (readonly [string, string])[] = [
  ['0.0.0.0/8', '"this network" addresses'],
  ['127.0.0.0/8', 'loopback addresses'],
  ['224.0.0.0/3', 'multicast and reserved addresses'],
  ['::/127', 'the unspecified and the loopback address'],
  ['::ffff:0:0/96', 'IPv4 addresses written as IPv6'],
  ['ff00::/8', 'multicast addresses'],
];

function refuseSpecial(subnet: Cidr, text: string, key: string): void {
  const span = networkOf(subnet);
  for (const [special, what] of SPECIAL) {
    const block = parseCidr(special);
    if (block?.family === subnet.family && spansOverlap(networkOf(block), span)) {
      throw configError(key, text, `it holds ${what} (${special}), which no container can have`);
    }
  }
}

interface Within extends Pick<Range, 'family' | 'subnet'> {
  readonly hosts: Span;
}

function parseWithin(text: string | undefined, key: string, within: Within): bigint | undefined {
  if (text === undefined) return undefined;
  const address = parseAddress(text);
  if (address?.family !== within.family || !spanContains(within.subnet, address.value)) {
    const subnet = describeSubnet({ ...within, dynamic: within.hosts, exclude: [] });
    throw configError(key, text, `an address in ${subnet} is needed`);
  }
  return address.value;
}
