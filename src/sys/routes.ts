import { readFileSync } from 'node:fs';

/** A destination in the host's routing table; `first` and `last` include the network's own and broadcast address. */
export interface HostRoute {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
  readonly prefix: number;
  readonly link: string;
}

/** From linux/route.h and linux/ipv6_route.h. */
const RTF_UP = 0x1;
const RTF_REJECT = 0x200;
const RTF_ANYCAST = 0x00100000;
const RTF_LOCAL = 0x80000000;

/** Routes of the main tables of our namespace, without default routes and without those every host has. */
export function readHostRoutes(): readonly HostRoute[] {
  return [
    ...parseRoutes(readFileSync('/proc/self/net/route', 'latin1')),
    ...parseIPv6Routes(readIPv6Routes()),
  ];
}

/** The file is absent if the kernel runs without IPv6. */
function readIPv6Routes(): string {
  try {
    return readFileSync('/proc/self/net/ipv6_route', 'latin1');
  } catch {
    return '';
  }
}

/** A header, then `link destination gateway flags … mask …`; addresses are in host byte order. */
export function parseRoutes(text: string): readonly HostRoute[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [link = '', destination = '', , flags = '', , , , mask = ''] = line.split('\t');
      const bits = hostOrder(mask);
      if (!isUsable(flags) || bits === 0n) {
        return [];
      }
      const first = hostOrder(destination);
      const prefix = bits.toString(2).replaceAll('0', '').length;
      return [{ family: 4, first, last: first + (1n << BigInt(32 - prefix)) - 1n, prefix, link }];
    });
}

/** `destination prefix source prefix gateway metric references use flags link`, all in hex. */
export function parseIPv6Routes(text: string): readonly HostRoute[] {
  return text.split('\n').flatMap((line) => {
    const [destination = '', length = '', , , , , , , flags = '', link = ''] = line.trim().split(/\s+/);
    if (link === '' || link === 'lo' || !isUsable(flags) || /^(fe[89ab]|ff)/.test(destination)) {
      return [];
    }
    const prefix = parseInt(length, 16);
    const first = BigInt(`0x${destination}`);
    return prefix === 0
      ? []
      : [{ family: 6, first, last: first + (1n << BigInt(128 - prefix)) - 1n, prefix, link }];
  });
}

function isUsable(flags: string): boolean {
  const value = parseInt(flags, 16);
  return (value & RTF_UP) !== 0 && (value & (RTF_REJECT | RTF_ANYCAST | RTF_LOCAL)) === 0;
}

/** The kernel prints the four bytes as one number in host byte order; flatnet runs on little-endian machines. */
function hostOrder(hex: string): bigint {
  const bytes = hex.match(/../g) ?? [];
  return BigInt(`0x${bytes.toReversed().join('')}0`) >> 4n;
}
