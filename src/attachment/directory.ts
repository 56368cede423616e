import { DEFAULT_DATA_DIR } from '../ipam/store.ts';
import { realPathOf } from '../sys/files/files.ts';
import { fnv1a64 } from '../sys/hash.ts';
import type { NetworkSpec } from './spec.ts';

/** Takes the place of a tag if another plugin gave the addresses: they are in no directory of flatnet. */
const NO_DIRECTORY = 'none';

const DIGITS = 7;

/**
 * Identifies a data directory in link aliases and notes. All spellings of its path have the same tag, and so does the
 * recreated directory.
 */
export function directoryTag(dataDir: string = DEFAULT_DATA_DIR): string {
  return fnv1a64(canonical(dataDir)).toString(36).slice(-DIGITS).padStart(DIGITS, '0');
}

/** The default directory needs no file system access. */
function canonical(dataDir: string): string {
  if (dataDir === DEFAULT_DATA_DIR) return dataDir;
  const path = realPathOf(dataDir);
  return path === realPathOf(DEFAULT_DATA_DIR) ? DEFAULT_DATA_DIR : path;
}

/** An alias without a tag belongs to the default directory, or predates tags. */
export const DEFAULT_TAG = directoryTag();

/** Fields for the alias of a host link; empty for the default directory. */
export function directoryField({ ipam }: Pick<NetworkSpec, 'ipam'>): { readonly directory?: string } {
  const directory = ipam.from === 'source' ? NO_DIRECTORY : directoryTag(ipam.dataDir);
  return directory === DEFAULT_TAG ? {} : { directory };
}
