import type { NetworkSpec } from '../../attachment/spec.ts';
import { describeGateway, describeSubnet, isDynamic } from '../../ipam/range.ts';
import type { Range } from '../../ipam/types.ts';

/** Empty if another plugin gives the addresses. */
export function rangesOf(conf: NetworkSpec): readonly Range[] {
  return conf.ipam.from !== 'source' ? conf.ipam.pool.sets.flat() : [];
}

/** `undefined` for the default directory. */
export function dataDirOf(conf: NetworkSpec): string | undefined {
  return conf.ipam.from !== 'source' ? conf.ipam.dataDir : undefined;
}

export function subnetsOf(conf: NetworkSpec): readonly string[] {
  return [...new Set(rangesOf(conf).map(describeSubnet))];
}

/** CIDRs of the addresses that its bridge should have. */
export function gatewaysOf(conf: NetworkSpec): readonly string[] {
  if (!conf.isGateway) return [];
  return [...new Set(rangesOf(conf).flatMap((range) => describeGateway(range) ?? []))];
}

/** Larger ranges are sized by subtraction, without leaving out excluded addresses. */
const COUNT_LIMIT = 65_536n;

function sizeOfRange(range: Range): bigint {
  const { first, last } = range.dynamic;
  const span = last - first + 1n;
  if (span > COUNT_LIMIT) return span;
  let size = 0n;
  for (let value = first; value <= last; value += 1n) if (isDynamic(range, value)) size += 1n;
  return size;
}

/** The size of the smallest range set: every attachment takes one address of each set. */
export function sizeOf(conf: NetworkSpec): bigint {
  if (conf.ipam.from === 'source') return 0n;
  const sizes = conf.ipam.pool.sets.map((set) => set.reduce((sum, range) => sum + sizeOfRange(range), 0n));
  return sizes.reduce((least, size) => (size < least ? size : least), sizes[0] ?? 0n);
}
