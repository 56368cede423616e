import { readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Context } from './context.ts';
import { inNetns } from './libc.ts';
import type { Setting } from './plain/way.ts';

/** Of our network namespace; `undefined` if the kernel has no such key. */
export function readSysctl(key: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${key}`, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/**
 * Sets a sysctl unless it has the value already (a container's /proc/sys may be read-only and right). Keys are in file
 * form: `net/ipv4/ip_forward`.
 * @returns whether it had to be written.
 */
export function ensureSysctl(key: string, value: string): boolean {
  if (readSysctl(key) === value) return false;
  writeFileSync(`/proc/sys/${key}`, value);
  return true;
}

/** In another network namespace: /proc/sys/net is that of the thread that opens it. */
export function readSysctlIn(netnsFd: number, key: string, ctx: Context): string | undefined {
  const { plain } = ctx;
  if (plain !== undefined) return plain.readSysctl(netnsFd, key, ctx);
  return inNetns(netnsFd, () => readSysctl(key));
}

/**
 * As `ensureSysctl`, in another network namespace.
 * @throws SystemCallError if the namespace cannot be entered; the kernel's error about key and value.
 */
export function ensureSysctlIn(netnsFd: number, { key, value }: Setting, ctx: Context): void {
  const { plain } = ctx;
  if (plain === undefined) inNetns(netnsFd, () => ensureSysctl(key, value));
  else if (plain.readSysctl(netnsFd, key, ctx) !== value) plain.writeSysctl(netnsFd, { key, value }, ctx);
}

/** '' without an alias; `undefined` if /sys is not mounted or shows another network namespace. */
export function linkAlias(ifname: string): string | undefined {
  try {
    return readFileSync(`/sys/class/net/${ifname}/ifalias`, 'utf8').trimEnd();
  } catch {
    return undefined;
  }
}

/** Whether a link is a port of the bridge and the other end is up; false if /sys does not show our network namespace. */
export function isConnectedPort(ifname: string, bridge: string): boolean {
  const directory = `/sys/class/net/${ifname}`;
  try {
    const master = basename(readlinkSync(`${directory}/master`));
    return master === bridge && readFileSync(`${directory}/carrier`, 'utf8').trim() === '1';
  } catch {
    return false;
  }
}
