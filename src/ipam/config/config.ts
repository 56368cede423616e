import { isFields, presentFields } from '../../input/parse.ts';
import { parseExclude } from './exclude.ts';
import { parseRange } from './range.ts';
import { parseReservations } from './reservations.ts';
import { parseKey, parseSection, type RangeFields, rangeSets, type Section } from './schema.ts';
import { refuseClash, refuseEmpty } from './sets.ts';
import { configError } from '../errors.ts';
import { describeSubnet } from '../range.ts';
import type { Pool, RangeSet } from '../types.ts';

/** For a network without ranges: containers from 10.87.1.2, gateway 10.87.1.1. */
const DEFAULT_SUBNET = '10.87.1.0/24';

export interface PoolInput {
  /** The `name` of the conflist. */
  readonly network: string;
  /** The unparsed `ipam` section; absent means the default range. */
  readonly ipam?: unknown;
  /** The unparsed `runtimeConfig.ipRanges`; its sets come before those of the section, as with host-local. */
  readonly ipRanges?: unknown;
}

/**
 * Reads host-local's range configuration (`subnet`, `rangeStart`, `rangeEnd`, `gateway`, `ranges`,
 * `runtimeConfig.ipRanges`) and flatnet's additions (`exclude`, `reservations`). Unknown keys pass.
 * @throws IpamError `config` with key, value and expected form.
 */
export function parsePool({ network, ipam, ipRanges }: PoolInput): Pool {
  const section = parseSection(presentSection(ipam ?? {}));
  const runtime = parseRuntimeRanges(presentSets(ipRanges));
  const listed = parseSets(section.ranges, 'ipam.ranges');
  const sets = [...runtime, ...parseTopLevel(section, runtime.length + listed.length > 0), ...listed];
  refuseClash(sets);
  const excluded = parseExclude(section.exclude, 'ipam.exclude', sets);
  for (const [index, set] of excluded.entries()) refuseEmpty(set, `range set ${index}`);
  return {
    network,
    sets: excluded,
    reservations: parseReservations(section.reservations, excluded),
    allowOverlap: section.allowOverlap === true,
  };
}

function parseRuntimeRanges(sets: unknown): RangeSet[] {
  const key = 'runtimeConfig.ipRanges';
  return sets === undefined ? [] : parseSets(parseKey(rangeSets(), sets, key), key);
}

/** Drops empty keys of ranges; anything else passes through, and the schema rejects it. */
function presentSets(sets: unknown): unknown {
  if (!Array.isArray(sets)) return sets ?? undefined;
  return sets.map((set: unknown) => (Array.isArray(set) ? set.map(presentFields) : set));
}

function presentSection(ipam: unknown): unknown {
  const present = presentFields(ipam);
  return isFields(present) ? { ...present, ranges: presentSets(present['ranges']) } : present;
}

/** host-local's old form, a single range in the section itself; the default range if none is given at all. */
function parseTopLevel(section: Section, hasOthers: boolean): RangeSet[] {
  const { subnet, rangeStart, rangeEnd, gateway } = section;
  const given = Object.entries({ rangeStart, rangeEnd, gateway }).find(([, value]) => value !== undefined);
  if (subnet === undefined && hasOthers) {
    if (given === undefined) return [];
    const hint = 'it requires ipam.subnet, or belongs in an entry of ipam.ranges';
    throw configError(`ipam.${given[0]}`, given[1], hint);
  }
  return [[parseRange({ subnet: subnet ?? DEFAULT_SUBNET, rangeStart, rangeEnd, gateway }, 'ipam')]];
}

function parseSets(sets: readonly (readonly RangeFields[])[] = [], key: string): RangeSet[] {
  return sets.map((ranges, index) => {
    const set = ranges.map((range, at) => parseRange(range, `${key}[${index}][${at}]`));
    const [first] = set;
    if (first === undefined)
      throw configError(`${key}[${index}]`, ranges, 'a range set needs at least one range');
    const mixed = set.find((range) => range.family !== first.family);
    if (mixed !== undefined) {
      const hint = `${describeSubnet(first)} and ${describeSubnet(mixed)} are of different families; give each its own range set`;
      throw configError(`${key}[${index}]`, ranges, hint);
    }
    return set;
  });
}
