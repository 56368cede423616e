import { field, flagField, isRecord, listField, type Field } from './field.ts';
import { parseExclude } from './exclude.ts';
import { parseRange } from './range.ts';
import { parseReservations } from './reservations.ts';
import { refuseClash, refuseEmpty } from './sets.ts';
import { configError } from '../errors.ts';
import { describeSubnet } from '../range.ts';
import type { Pool, RangeSet } from '../types.ts';

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
  refuseClash(sets);
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

function recordOf(source: Field): Readonly<Record<string, unknown>> {
  return isRecord(source.value) ? source.value : {};
}
