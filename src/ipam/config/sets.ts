import { configError } from '../errors.ts';
import { describeSubnet, dynamicValues, spansOverlap } from '../range.ts';
import type { Range, RangeSet } from '../types.ts';

/** Refuses ranges that share an address: subnets may be equal, with disjoint dynamic parts, but must not overlap. */
export function refuseClash(sets: readonly RangeSet[]): void {
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

/** Refuses a set in which gateway and exclude leave no address. */
export function refuseEmpty(set: RangeSet, name: string): void {
  const usable = set.some((range) => dynamicValues(range).next().done === false);
  if (!usable) {
    const value = set.map(describeSubnet).join(', ');
    throw configError(
      'ipam.ranges',
      value,
      `${name} leaves no address for a container after gateway and exclude`,
    );
  }
}
