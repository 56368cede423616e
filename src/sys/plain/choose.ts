import { hasLibc } from '../libc.ts';
import type { PlainWay } from './way.ts';

/**
 * Chooses between netlink with the C library, if this Node can call it, and programs, whose code is loaded only then.
 * @param asked value of FLATNET_APPLY: `ip` selects programs regardless of Node.
 * @returns `undefined` for netlink.
 */
export async function choosePlain(asked: string | undefined): Promise<PlainWay | undefined> {
  if (asked !== 'ip' && hasLibc()) return undefined;
  const { PLAIN } = await import('./plain.ts');
  return PLAIN;
}
