import type { Settings } from '../settings.ts';

/** A DNS label has at most 63 bytes (RFC 1035 section 2.3.4). */
const LABEL_LIMIT = 63;

/**
 * The name of a container as a DNS label: lower case, `_` and `.` become `-`, anything else that DNS does not know is
 * dropped. `undefined` if nothing is left.
 */
export function hostLabelOf(name: string): string | undefined {
  const label = name
    .slice(0, 4 * LABEL_LIMIT)
    .replaceAll(/[_.]/g, '-')
    .replaceAll(/[^A-Za-z0-9-]/g, '')
    .toLowerCase()
    .replace(/^-+/, '')
    .slice(0, LABEL_LIMIT);
  const end = label.search(/-*$/);
  return end <= 0 ? undefined : label.slice(0, end);
}

/** `a.b.c.d` or `a-b-c-d`, whatever the numbers: no container may have a name that looks like another one's address. */
const ADDRESS_NAME = /^\d{1,3}([.-])\d{1,3}\1\d{1,3}\1\d{1,3}$/;

/** Whether the gateway answers to that name itself: no container can have it. */
export function isOwnName(host: string, { gateway: { domain }, api }: Settings): boolean {
  if (host === 'localhost' || host.endsWith('.localhost') || host === domain) return true;
  if (api.hosts.includes(host)) return true;
  return host.endsWith(`.${domain}`) && ADDRESS_NAME.test(host.slice(0, -domain.length - 1));
}

/** `NAME.local` and `NAME.DOMAIN`, without those that are the gateway's; empty if the name makes no label. */
export function defaultHosts(name: string, settings: Settings): readonly string[] {
  const label = hostLabelOf(name);
  if (label === undefined) return [];
  const hosts = new Set([`${label}.local`, `${label}.${settings.gateway.domain}`]);
  return [...hosts].filter((host) => host.length <= 253 && !isOwnName(host, settings));
}
