import { formatAddress, networkOf, parseAddress, parseCidr, type Address } from './address.ts';
import { field, flagField, isRecord, listField, textField, type Field } from './config-field.ts';
import { parseExclude } from './config-exclude.ts';
import { parseReservations } from './config-reservations.ts';
import { configError } from './errors.ts';
import { describeSubnet, hostsOf, isDynamic, spanContains, spansOverlap } from './range.ts';
import type { Pool, Range, RangeSet, Span } from './types.ts';

/** What a network gets that configures no range of its own: containers from 10.87.1.2, gateway 10.87.1.1. */
const DEFAULT_SUBNET = '10.87.1.0/24';

export interface PoolInput {
  /** The network's name, the `name` of the conflist. */
  readonly network: string;
  /** The `ipam` section of the network configuration, unparsed; absent means the default range. */
  readonly ipam?: unknown;
  /** `runtimeConfig.ipRanges`, unparsed; its sets come before those of the section, as with host-local. */
  readonly ipRanges?: unknown;
}

/**
 * Reads host-local's range configuration (`subnet`, `rangeStart`, `rangeEnd`, `gateway`, `ranges`,
 * `runtimeConfig.ipRanges`) and flatnet's additions (`exclude`, `reservations`). Unknown keys pass.
 *
 * @throws IpamError of kind `config` naming key, value and what would be right.
 */
export function parsePool(input: PoolInput): Pool {
  const ipam = input.ipam ?? {};
  if (!isRecord(ipam)) {
    throw configError('ipam', ipam, 'it must be an object');
  }
  const section: Field = { key: 'ipam', value: ipam };
  const runtime = parseSets({ key: 'runtimeConfig.ipRanges', value: input.ipRanges });
  const listed = parseSets(field(section, 'ranges'));
  const sets = [...runtime, ...parseTopLevel(section, runtime.length + listed.length > 0), ...listed];
  refuseOverlap(sets);
  const excluded = parseExclude(field(section, 'exclude'), sets);
  for (const [index, set] of excluded.entries()) {
    refuseEmpty(set, `range set ${index}`);
  }
  return {
    network: input.network,
    sets: excluded,
    reservations: parseReservations(field(section, 'reservations'), excluded),
    allowOverlap: flagField(field(section, 'allowOverlap')),
  };
}

/** host-local's old form, one range spelled out in the section itself; the default when no range is given at all. */
function parseTopLevel(section: Field, elsewhere: boolean): RangeSet[] {
  const names = ['subnet', 'rangeStart', 'rangeEnd', 'gateway'];
  const given = names.find((name) => field(section, name).value !== undefined);
  if (given === undefined) {
    return elsewhere ? [] : [[parseRange({ key: 'ipam', value: { subnet: DEFAULT_SUBNET } })]];
  }
  if (field(section, 'subnet').value !== undefined) {
    return [[parseRange(section)]];
  }
  if (elsewhere) {
    const stray = field(section, given);
    throw configError(
      stray.key,
      stray.value,
      'it needs ipam.subnet beside it, or belongs into an entry of ipam.ranges',
    );
  }
  return [[parseRange({ key: 'ipam', value: { subnet: DEFAULT_SUBNET, ...recordOf(section) } })]];
}

function parseSets(list: Field): RangeSet[] {
  return listField(list, 'a list of range sets, [[{"subnet": "10.87.1.0/24"}]]').map((entry) => {
    const set = listField(entry, 'a list of ranges, [{"subnet": "10.87.1.0/24"}]').map(parseRange);
    const first = set[0];
    if (first === undefined) {
      throw configError(entry.key, entry.value, 'a range set needs one range at least');
    }
    const mixed = set.find((range) => range.family !== first.family);
    if (mixed !== undefined) {
      const hint = `${describeSubnet(first)} and ${describeSubnet(mixed)} are of different families; give each its own range set`;
      throw configError(entry.key, entry.value, hint);
    }
    return set;
  });
}

function parseRange(source: Field): Range {
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

/**
 * Parts of one subnet may be ranges of their own, as long as no address lies in both dynamic parts; subnets that
 * differ and overlap are a mistake.
 */
function refuseOverlap(sets: readonly RangeSet[]): void {
  const ranges = sets.flat();
  for (const [index, one] of ranges.entries()) {
    const other = ranges.slice(index + 1).find((range) => rangesClash(one, range));
    if (other !== undefined) {
      const value = `${describeSubnet(one)}, ${describeSubnet(other)}`;
      throw configError(
        'ipam.ranges',
        value,
        'two ranges overlap; every address must belong to one range only',
      );
    }
  }
}

function rangesClash(one: Range, other: Range): boolean {
  if (one.family !== other.family || !spansOverlap(one.subnet, other.subnet)) {
    return false;
  }
  const same = one.subnet.first === other.subnet.first && one.subnet.last === other.subnet.last;
  return !same || spansOverlap(one.dynamic, other.dynamic);
}

function refuseEmpty(set: RangeSet, name: string): void {
  const usable = set.some((range) => {
    for (let value = range.dynamic.first; value <= range.dynamic.last; value += 1n) {
      if (isDynamic(range, value)) {
        return true;
      }
      const skip = range.exclude.find((span) => spanContains(span, value));
      value = skip === undefined || skip.last < value ? value : skip.last;
    }
    return false;
  });
  if (!usable) {
    const value = set.map(describeSubnet).join(', ');
    throw configError(
      'ipam.ranges',
      value,
      `${name} leaves no address for a container after gateway and exclude`,
    );
  }
}

function recordOf(source: Field): Readonly<Record<string, unknown>> {
  return isRecord(source.value) ? source.value : {};
}
