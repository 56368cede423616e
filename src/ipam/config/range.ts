import { formatAddress, networkOf, parseAddress, parseCidr, type Address } from '../../input/address.ts';
import { parseExclude } from './exclude.ts';
import { field, isRecord, textField, type Field } from './field.ts';
import { configError } from '../errors.ts';
import { describeSubnet, hostsOf, spanContains, spansOverlap } from '../range.ts';
import type { Range, Span } from '../types.ts';

/**
 * Reads one range as host-local has it, with flatnet's `exclude`.
 *
 * @throws IpamError of kind `config` naming key, value and what would be right.
 */
export function parseRange(source: Field): Range {
  if (!isRecord(source.value)) {
    throw configError(source.key, source.value, 'it must be an object with a subnet');
  }
  const { family, ...subnet } = parseSubnet(field(source, 'subnet'));
  const hosts = hostsOf(subnet, family);
  const within = { family, subnet, hosts };
  const gateway = parseGateway(field(source, 'gateway'), within);
  const start = parseWithin(field(source, 'rangeStart'), within) ?? hosts.first;
  const end = parseWithin(field(source, 'rangeEnd'), within) ?? hosts.last;
  if (start > end) {
    const { key, value } = field(
      source,
      field(source, 'rangeStart').value === undefined ? 'rangeEnd' : 'rangeStart',
    );
    throw configError(key, value, 'rangeStart must not be above rangeEnd');
  }
  const range: Range = { family, subnet, dynamic: { first: start, last: end }, gateway, exclude: [] };
  return parseExclude(field(source, 'exclude'), [[range]]).flat()[0] ?? range;
}

function parseSubnet(source: Field): Range['subnet'] & Pick<Range, 'family'> {
  const text = textField(source, 'a subnet, "10.87.1.0/24"');
  const cidr = text === undefined ? undefined : parseCidr(text);
  if (cidr === undefined) {
    throw configError(source.key, source.value, 'a subnet like "10.87.1.0/24" or "fd00:87::/64" is needed');
  }
  const { family, prefix } = cidr;
  const { first, last } = networkOf(cidr);
  if (cidr.value !== first) {
    const right = `${formatAddress({ family, value: first })}/${prefix}`;
    throw configError(source.key, source.value, `it has host bits set; the network is "${right}"`);
  }
  if (first === last) {
    const wider = family === 4 ? '/31' : '/127';
    const hint = `it holds a single address, and gateway and container need one each; use ${wider} or larger`;
    throw configError(source.key, source.value, hint);
  }
  refuseSpecial(source, cidr);
  return { family, first, last, prefix };
}

/** Blocks whose addresses no interface can have and be reached at. */
const SPECIAL: readonly (readonly [string, string])[] = [
  ['0.0.0.0/8', '"this network" addresses'],
  ['127.0.0.0/8', 'loopback addresses'],
  ['224.0.0.0/3', 'multicast and reserved addresses'],
  ['::/127', 'the unspecified and the loopback address'],
  ['::ffff:0:0/96', 'IPv4 addresses written as IPv6'],
  ['ff00::/8', 'multicast addresses'],
];

function refuseSpecial(source: Field, subnet: Address & { readonly prefix: number }): void {
  const span = networkOf(subnet);
  for (const [text, what] of SPECIAL) {
    const block = parseCidr(text);
    if (block?.family === subnet.family && spansOverlap(networkOf(block), span)) {
      throw configError(source.key, source.value, `it holds ${what} (${text}), which no container can have`);
    }
  }
}

interface Within extends Pick<Range, 'family' | 'subnet'> {
  readonly hosts: Span;
}

function parseGateway(source: Field, within: Within): bigint {
  const gateway = parseWithin(source, within) ?? within.hosts.first;
  if (!spanContains(within.hosts, gateway)) {
    throw configError(
      source.key,
      source.value,
      'it is the network or broadcast address; a host address is needed',
    );
  }
  return gateway;
}

function parseWithin(source: Field, within: Within): bigint | undefined {
  const text = textField(source, 'an address');
  if (text === undefined) {
    return undefined;
  }
  const address = parseAddress(text);
  if (address?.family !== within.family || !spanContains(within.subnet, address.value)) {
    const subnet = describeSubnet({ ...within, dynamic: within.hosts, exclude: [] });
    throw configError(source.key, source.value, `an address in ${subnet} is needed`);
  }
  return address.value;
}
