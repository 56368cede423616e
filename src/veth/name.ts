import type { Attachment } from '../ipam/types.ts';
import { fnv1a64 } from '../sys/hash.ts';

export const HOST_IFNAME_PREFIX = 'fn';
const DIGITS = 13;

/**
 * Name of an attachment's host end, derived from the triple alone; 15 characters, the kernel's limit (IFNAMSIZ - 1).
 * Two triples may collide; the alias identifies the owner.
 */
export function hostIfname(attachment: Attachment): string {
  const { network, containerID, ifname } = attachment;
  const hash = fnv1a64([network, containerID, ifname].join('\0'));
  return `${HOST_IFNAME_PREFIX}${hash.toString(36).padStart(DIGITS, '0')}`;
}

/** Whether a name has the form of a host end's, or of the ifb that limits it. */
export function isReserved(name: string): boolean {
  return /^f[nb][0-9a-z]{13}$/.test(name);
}

export function isHostIfname(name: string): boolean {
  return /^fn[0-9a-z]{13}$/.test(name);
}
