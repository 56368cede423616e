import { readFileSync } from 'node:fs';
import { bytesOf } from '../input/address-bytes.ts';

/** `address` absent: all addresses of the host. */
export interface HostPort {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly port: number;
  readonly address?: string | undefined;
}

/** A socket that holds a port, from a table of /proc/net. */
export interface Holding {
  /** In hex, 8 or 32 digits. */
  readonly address: string;
  readonly port: number;
  readonly inode: string;
}

/** State column of proc(5) /proc/net/tcp and /proc/net/udp: TCP_LISTEN; unconnected. */
const HELD: Readonly<Record<string, string>> = { tcp: '0A', udp: '07' };
const MAPPED = '0000000000000000FFFF0000';
const IPV6_DIGITS = 32;

/** The sockets in a table of /proc/net that are in that state. */
function parseTable(table: string, state: string): readonly Holding[] {
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([, local = '', , found, , , , , , inode = '']) => {
      const [address = '', port = ''] = local.split(':');
      return found === state ? [{ address, port: parseInt(port, 16), inode }] : [];
    });
}

/** Name of a table in /proc/net: `tcp6`. */
type ReadTable = (name: string) => string;

function readTable(name: string): string {
  try {
    return readFileSync(`/proc/self/net/${name}`, 'utf8');
  } catch {
    // The kernel runs without IPv6.
    return '';
  }
}

/** Caches each table: the kernel takes 4 ms or more for one. */
export function readingOnce(): ReadTable {
  const tables = new Map<string, string>();
  return (name) => {
    const text = tables.get(name) ?? readTable(name);
    tables.set(name, text);
    return text;
  };
}

/** The sockets of the host that hold ports of a protocol. */
export function listHoldings(
  protocol: HostPort['protocol'],
  read: ReadTable = readTable,
): readonly Holding[] {
  return ['', '6'].flatMap((family) => parseTable(read(`${protocol}${family}`), HELD[protocol] ?? ''));
}

/** The sockets of the host that hold a port, on any address. */
export function holdingsOf({ protocol, port }: HostPort, read: ReadTable = readTable): readonly Holding[] {
  return listHoldings(protocol, read).filter((holding) => holding.port === port);
}

/** In the tables' form: words of four bytes, each printed last byte first. */
function toHex(address: string): string {
  return bytesOf(address).swap32().toString('hex').toUpperCase();
}

const withoutMapping = (hex: string) => (hex.startsWith(MAPPED) ? hex.slice(MAPPED.length) : hex);
const isWildcard = (hex: string) => /^0+$/.test(hex);

/**
 * Whether a socket keeps another from listening on that address. The tables do not show IPV6_V6ONLY: a socket on `::`
 * counts as one of both families, the kernel's default.
 */
export function isInTheWay({ address }: Holding, of: string): boolean {
  const [theirs, ours] = [withoutMapping(address), toHex(of)];
  if (theirs.length !== ours.length) return theirs.length === IPV6_DIGITS && isWildcard(theirs);
  return theirs === ours || isWildcard(theirs) || isWildcard(ours);
}
