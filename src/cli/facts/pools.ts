import type { NetworkSpec } from '../../attachment/spec.ts';
import { describeGateway, describeSubnet, isDynamic } from '../../ipam/range.ts';
import type { Range } from '../../ipam/types.ts';

/** All ranges of a network; none where a source gives addresses. */
export function rangesOf(conf: NetworkSpec): readonly Range[] {
  return conf.ipam.from !== 'source' ? conf.ipam.pool.sets.flat() : [];
}

/** A network's data directory; `undefined` for the default one. */
export function dataDirOf(conf: NetworkSpec): string | undefined {
  return conf.ipam.from !== 'source' ? conf.ipam.dataDir : undefined;
}

/** CIDR texts of the network's subnets. */
export function subnetsOf(conf: NetworkSpec): readonly string[] {
  return [...new Set(rangesOf(conf).map(describeSubnet))];
}

/** CIDR texts of the addresses its bridge should have. */
export function gatewaysOf(conf: NetworkSpec): readonly string[] {
  if (!conf.isGateway) return [];
  return [...new Set(rangesOf(conf).flatMap((range) => describeGateway(range) ?? []))];
}

/** Ranges larger than this are counted without looking at each address. */
const COUNT_LIMIT = 65_536n;

function sizeOfRange(range: Range): bigint {
  const { first, last } = range.dynamic;
  const span = last - first + 1n;
  if (span > COUNT_LIMIT) return span;
  let size = 0n;
  for (let value = first; value <= last; value += 1n) if (isDynamic(range, value)) size += 1n;
  return size;
}

/** Addresses a network can give out: those of its smallest range set, since every attachment takes one of each. */
export function sizeOf(conf: NetworkSpec): bigint {
  if (conf.ipam.from === 'source') return 0n;
  const sizes = conf.ipam.pool.sets.map((set) => set.reduce((sum, range) => sum + sizeOfRange(range), 0n));
  return sizes.reduce((least, size) => (size < least ? size : least), sizes[0] ?? 0n);
}
