import { readdirSync, readlinkSync } from 'node:fs';
import { holdingsOf, type HostPort, listHoldings } from './port-table.ts';
import { ancestors, argvOf, processIds } from './proc.ts';

export interface PortHolder {
  readonly pid: number;
  readonly argv: readonly string[];
}

function socketsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`));
  } catch {
    // The process has ended meanwhile.
    return [];
  }
}

/**
 * Tells the ports that a process holds which has started this one. Podman 5 reserves the ports of a container before it
 * has its network set up. Descriptors and tables are read once, when first asked: a container may publish a thousand ports.
 */
export function portsOfAncestors(): (where: HostPort) => boolean {
  let sockets: ReadonlySet<string> | undefined;
  const reserved = new Map<string, ReadonlySet<number>>();
  const portsOf = (protocol: HostPort['protocol']): ReadonlySet<number> => {
    const held = (sockets ??= new Set(ancestors().flatMap(socketsOf)));
    const own = listHoldings(protocol).filter(({ inode }) => held.has(`socket:[${inode}]`));
    return new Set(own.map(({ port }) => port));
  };
  return ({ protocol, port }) => {
    const ports = reserved.get(protocol) ?? portsOf(protocol);
    reserved.set(protocol, ports);
    return ports.has(port);
  };
}

function holdsOneOf(pid: number, links: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => links.has(linkOf(`/proc/${pid}/fd/${fd}`)));
  } catch {
    // The process has ended meanwhile.
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

/** Processes with one of these sockets open, each as `socket:[INODE]`. Reads all of /proc. */
export function processesHolding(links: ReadonlySet<string>): readonly number[] {
  return processIds().filter((pid) => holdsOneOf(pid, links));
}

/** Reads all of /proc: only for the message that names the holder. */
export function portHolders(where: HostPort): readonly PortHolder[] {
  const links = new Set(holdingsOf(where).map(({ inode }) => `socket:[${inode}]`));
  return processesHolding(links).map((pid) => ({ pid, argv: argvOf(pid) }));
}
