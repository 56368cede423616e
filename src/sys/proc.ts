import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readTextFile } from './files/files.ts';

/*
 * Reads of /proc that replace `ip` processes. /proc/self/net and /proc/sys/net always show the reader's namespace;
 * /sys/class/net shows the one sysfs was mounted in, which need not be ours.
 */

/**
 * A directory for every link, with or without an IPv4 address, for its whole lifetime: the kernel leaves out only links
 * with an MTU below 68, which Ethernet links, and so bridges and veths, cannot have.
 */
const LINKS = '/proc/sys/net/ipv4/conf';
const NO_LINKS: readonly string[] = ['all', 'default'];
/** This many names of 15 characters fit the buffer of one directory read. */
const LISTED_AT_ONCE = 800;

/**
 * Names of all links of our namespace. Reading the directory takes half the time of the table, for which the kernel
 * gathers counters; but if it takes several reads, a link removed between them hides another.
 */
export function linkNames(): ReadonlySet<string> {
  const names = readdirSync(LINKS);
  return names.length > LISTED_AT_ONCE
    ? parseLinkNames(readFileSync('/proc/self/net/dev', 'utf8'))
    : new Set(names.filter((name) => !NO_LINKS.includes(name)));
}

/** Format: two header lines, then `  name: counters`. */
export function parseLinkNames(text: string): ReadonlySet<string> {
  const names = text
    .split('\n')
    .slice(2)
    .map((line) => line.slice(0, Math.max(0, line.indexOf(':'))).trim())
    .filter((name) => name !== '');
  return new Set(names);
}

/** In our namespace; takes the same time with one link and with a thousand. */
export function hasLink(name: string): boolean {
  return !NO_LINKS.includes(name) && existsSync(`${LINKS}/${name}`);
}

/** Changes with every boot of the kernel, and only then. */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

/** Link of our namespace's IPv4 default route, else of the IPv6 one. */
export function defaultRouteLink(): string | undefined {
  return (
    parseDefaultRouteLink(readFileSync('/proc/self/net/route', 'utf8')) ??
    parseIPv6DefaultRouteLink(lines('/proc/self/net/ipv6_route'))
  );
}

const RTF_REJECT = 0x200;

/** Fields of a route: `destination prefix source prefix gateway metric references use flags link`, all in hex. */
export function parseIPv6DefaultRouteLink(routes: readonly string[]): string | undefined {
  const candidates = routes
    .map((line) => line.trim().split(/\s+/))
    .filter(([destination = '', prefix]) => /^0+$/.test(destination) && prefix === '00')
    .map((fields) => ({
      metric: parseInt(fields[5] ?? '', 16),
      flags: parseInt(fields[8] ?? '', 16),
      link: fields[9],
    }))
    .filter(({ flags, link }) => (flags & RTF_REJECT) === 0 && link !== 'lo');
  candidates.sort((a, b) => a.metric - b.metric);
  return candidates[0]?.link;
}

/** Of several default routes, that of the lowest metric. */
export function parseDefaultRouteLink(text: string): string | undefined {
  const candidates = text
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))
    .filter((fields) => fields[1] === '00000000' && fields[7] === '00000000')
    .map((fields) => ({ link: fields[0] ?? '', metric: Number(fields[6] ?? 0) }));
  candidates.sort((a, b) => a.metric - b.metric);
  return candidates[0]?.link;
}

/** The start time tells a process from a later one with the same pid. */
export interface ProcessRef {
  readonly pid: number;
  /** Clock ticks after boot, as in /proc/PID/stat. */
  readonly startTime: string;
}

/** proc(5): the second field is the program's name in parentheses and may itself contain blanks and parentheses. */
function statOf(
  pid: number | 'self',
): { readonly state: string; readonly parent: number; readonly startTime: string } | undefined {
  const path = `/proc/${pid}/stat`;
  // Most of the processes have ended; an error for each of a thousand would take longer than everything else.
  if (!existsSync(path)) return undefined;
  try {
    const stat = readFileSync(path, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', parent: Number(fields[1]), startTime: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

let own: ProcessRef | undefined;

export function ownProcess(): ProcessRef {
  return (own ??= { pid: process.pid, startTime: statOf('self')?.startTime ?? '0' });
}

/** Nearest first, without pid 1, which adopts any process. */
export function ancestors(): readonly number[] {
  const found: number[] = [];
  let pid = statOf('self')?.parent ?? 0;
  while (pid > 1 && !found.includes(pid)) {
    found.push(pid);
    pid = statOf(pid)?.parent ?? 0;
  }
  return found;
}

function isOver(state: string): boolean {
  return state === 'Z' || state === 'X';
}

/** Whether that very process runs; a zombie does not. */
export function isRunning(other: ProcessRef): boolean {
  const stat = statOf(other.pid);
  return stat?.startTime === other.startTime && !isOver(stat.state);
}

/** Whether any process runs under that number; a zombie does not. */
export function isAlive(pid: number): boolean {
  const stat = statOf(pid);
  return stat !== undefined && !isOver(stat.state);
}

/** All processes that /proc shows. */
export function processIds(): readonly number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number);
}

/** A process's program and its arguments as it was started; empty where it has ended, and of threads of the kernel. */
export function argvOf(pid: number): readonly string[] {
  return (readTextFile(`/proc/${pid}/cmdline`) ?? '').split('\0').slice(0, -1);
}

/**
 * Processes that a process has started and that run. Without CONFIG_PROC_CHILDREN, as on some kernels, all of /proc is read.
 */
export function childrenOf(pid: number): readonly number[] {
  const listed = readTextFile(`/proc/${pid}/task/${pid}/children`);
  if (listed !== undefined) return listed.trim().split(' ').filter(Boolean).map(Number);
  return processIds().filter((one) => statOf(one)?.parent === pid);
}

/** Inode number of our pid namespace, without which a pid is ambiguous. Empty if /proc does not tell. */
export function pidNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '';
  } catch {
    return '';
  }
}

function lines(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean);
  } catch {
    // The module of the old iptables is not loaded, or the kernel runs without IPv6.
    return [];
  }
}

/** Tables of the old iptables (not of its nft variant) in our namespace, by IP version. */
export function legacyTables(): Readonly<Record<4 | 6, readonly string[]>> {
  return { 4: lines('/proc/self/net/ip_tables_names'), 6: lines('/proc/self/net/ip6_tables_names') };
}
