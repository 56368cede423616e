import type { Attachment } from '../ipam/types.ts';
import { fnv1a64 } from '../sys/hash.ts';

/** What every host veth of flatnet begins with. */
export const HOST_IFNAME_PREFIX = 'fn';
const DIGITS = 13;

/**
 * Name of the host end of an attachment's veth pair: found again from the triple alone, 15 characters, the
 * kernel's limit (IFNAMSIZ - 1). Two triples may collide; the link's alias tells whose it is.
 */
export function hostIfname(attachment: Attachment): string {
  const { network, containerID, ifname } = attachment;
  const hash = fnv1a64([network, containerID, ifname].join('\0'));
  return `${HOST_IFNAME_PREFIX}${hash.toString(36).padStart(DIGITS, '0')}`;
}

/** True for names that `hostIfname` can have made. */
export function isHostIfname(name: string): boolean {
  return /^fn[0-9a-z]{13}$/.test(name);
}
