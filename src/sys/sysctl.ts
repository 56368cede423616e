import { readFileSync, writeFileSync } from 'node:fs';
import { inNetns } from './libc.ts';

/** Reads `/proc/sys/<key>` of our network namespace; `undefined` where the kernel has no such key. */
export function readSysctl(key: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${key}`, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/**
 * Sets a sysctl unless it is set already (a container's /proc/sys may be read-only and right). Keys in file form:
 * `net/ipv4/ip_forward`.
 *
 * @returns whether it had to be written.
 */
export function ensureSysctl(key: string, value: string): boolean {
  if (readSysctl(key) === value) return false;
  writeFileSync(`/proc/sys/${key}`, value);
  return true;
}

/**
 * The same in another network namespace: /proc/sys/net is that of the thread that opens it.
 *
 * @throws SystemCallError when the namespace cannot be entered, and what the kernel says of key and value.
 */
export function ensureSysctlIn(netnsFd: number, key: string, value: string): boolean {
  return inNetns(netnsFd, () => ensureSysctl(key, value));
}

/** Alias of a link, '' for none; `undefined` where /sys is not mounted or shows another network namespace. */
export function linkAlias(ifname: string): string | undefined {
  try {
    return readFileSync(`/sys/class/net/${ifname}/ifalias`, 'utf8').trimEnd();
  } catch {
    return undefined;
  }
}
