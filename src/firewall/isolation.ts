import { formatAddress, parseAddress } from '../input/address.ts';
import type { Element } from './table.ts';

/** The reference firewall plugin's `ingressPolicy`. */
export type IngressPolicy = 'open' | 'same-bridge' | 'isolated';

export interface IsolationSpec {
  readonly bridge: string;
  readonly ingressPolicy: IngressPolicy;
  /** Nothing is forwarded to or from the bridge. */
  readonly internal: boolean;
}

export function isolationElements({ bridge, ingressPolicy, internal }: IsolationSpec): readonly Element[] {
  const key = `"${bridge}"`;
  const elements: readonly Element[] = [
    ...(internal ? [{ set: 'internal', key } as const] : []),
    ...(ingressPolicy === 'open' ? [] : [{ set: 'isolated', key } as const]),
  ];
  return elements.length === 0 ? [] : [{ set: 'loops', key: `${key} . ${key}` }, ...elements];
}

/** The link-local address the kernel derives from a MAC (RFC 4291, appendix A). */
export function linkLocal(mac: string): bigint {
  const [a = 0n, b = 0n, c = 0n, d = 0n, e = 0n, f = 0n] = mac.split(':').map((byte) => BigInt(`0x${byte}`));
  const id = [a ^ 2n, b, c, 0xffn, 0xfen, d, e, f].reduce((sum, byte) => (sum << 8n) | byte, 0n);
  return (0xfe80n << 112n) | id;
}

/** Permitted sources: the attachment's MAC, its addresses, and the link-local address of its MAC. */
export function spoofElements(owner: string, mac: string, addresses: readonly string[]): readonly Element[] {
  const key = (value: string) => `"${owner}" . ${value}`;
  const parsed = addresses.flatMap((text) => parseAddress(text) ?? []);
  const six = [...parsed.filter(({ family }) => family === 6).map(({ value }) => value), linkLocal(mac)];
  return [
    { set: 'guarded', key: `"${owner}"`, owner },
    { set: 'macs', key: key(mac.toLowerCase()), owner },
    ...parsed
      .filter(({ family }) => family === 4)
      .map((address): Element => ({ set: 'arp4', key: key(formatAddress(address)), owner })),
    ...six.flatMap((value): readonly Element[] => [
      { set: 'nd6', key: key(formatAddress({ family: 6, value })), owner },
      { set: 'targets6', key: key(`0x${value.toString(16).padStart(32, '0')}`), owner },
    ]),
  ];
}
