import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { HostPort } from './port-probe.ts';

/** A process that holds a port of the host. */
export interface PortHolder {
  readonly pid: number;
  /** Its argv. */
  readonly argv: readonly string[];
}

/** State column of proc(5) /proc/net/tcp and /proc/net/udp: TCP_LISTEN; unconnected. */
const HELD: Readonly<Record<string, string>> = { tcp: '0A', udp: '07' };

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Inode numbers of the sockets in a table of /proc/net that hold the port, on whatever address. */
export function parseHoldingInodes(table: string, port: number, state: string): readonly string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(suffix) === true && fields[3] === state)
    .flatMap((fields) => fields[9] ?? []);
}

function holdsOneOf(pid: string, links: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => links.has(linkOf(`/proc/${pid}/fd/${fd}`)));
  } catch {
    // It ended meanwhile.
    return false;
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** The processes that hold a port; looks through all of /proc, so only to name who is in the way. */
export function portHolders({ protocol, port }: HostPort): readonly PortHolder[] {
  const state = HELD[protocol] ?? '';
  const inodes = ['', '6'].flatMap((family) =>
    parseHoldingInodes(readText(`/proc/self/net/${protocol}${family}`), port, state),
  );
  const links = new Set(inodes.map((inode) => `socket:[${inode}]`));
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && holdsOneOf(entry, links))
    .map((pid) => ({ pid: Number(pid), argv: readText(`/proc/${pid}/cmdline`).split('\0').slice(0, -1) }));
}
