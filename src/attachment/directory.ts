import { DEFAULT_DATA_DIR } from '../ipam/store.ts';
import { realPathOf } from '../sys/files/files.ts';
import { fnv1a64 } from '../sys/hash.ts';
import type { NetworkSpec } from './spec.ts';

/** In the place of a directory's tag: another plugin gave the addresses, and no directory of flatnet has them. */
const NO_DIRECTORY = 'none';

const DIGITS = 7;

/**
 * A short name of a data directory, for what belongs to it elsewhere: link aliases and notes. The same for all spellings
 * of its path, and when the directory is recreated.
 */
export function directoryTag(dataDir: string = DEFAULT_DATA_DIR): string {
  return fnv1a64(canonical(dataDir)).toString(36).slice(-DIGITS).padStart(DIGITS, '0');
}

/** The usual directory needs no look at the disk. */
function canonical(dataDir: string): string {
  if (dataDir === DEFAULT_DATA_DIR) return dataDir;
  const path = realPathOf(dataDir);
  return path === realPathOf(DEFAULT_DATA_DIR) ? DEFAULT_DATA_DIR : path;
}

/** Tag of the usual directory: an alias without a tag is of it, or was written before there were tags. */
export const DEFAULT_TAG = directoryTag();

/** What the alias of a host link says of where its addresses are kept; nothing for the usual directory. */
export function directoryField({ ipam }: Pick<NetworkSpec, 'ipam'>): { readonly directory?: string } {
  const directory = ipam.from === 'source' ? NO_DIRECTORY : directoryTag(ipam.dataDir);
  return directory === DEFAULT_TAG ? {} : { directory };
}
