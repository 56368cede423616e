import { hasLibc } from '../libc.ts';
import type { PlainWay } from './way.ts';

/**
 * How a process reaches the kernel: by netlink and the C library where this Node can call it, else by programs. These are
 * loaded only then.
 *
 * @param asked value of FLATNET_APPLY: `ip` asks for programs whatever Node can do.
 * @returns what stands for netlink; `undefined` where nothing has to.
 */
export async function choosePlain(asked: string | undefined): Promise<PlainWay | undefined> {
  if (asked !== 'ip' && hasLibc()) return undefined;
  const { PLAIN } = await import('./plain.ts');
  return PLAIN;
}
