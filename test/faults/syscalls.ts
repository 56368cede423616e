import { readFile, rm } from 'node:fs/promises';
import type { Answer, Machine } from './machine.ts';

/** The n-th call of flatnet's main thread of one system call, counted from 1 at the start of the process. */
export interface FilePoint {
  readonly syscall: string;
  readonly nth: number;
  /** The file, without what differs from run to run. */
  readonly path: string;
  /** The how manieth such call it is on that file. */
  readonly nthOfPath: number;
}

/** What happens instead of the system call: an error, or a signal before it. */
export type Fault =
  `error=${'ENOSPC' | 'EROFS' | 'EACCES' | 'EIO'}` | `signal=${'KILL' | 'TERM' | 'INT' | 'HUP' | 'STOP'}`;

/** System calls that change a file system. */
const CHANGING = [
  'mkdir',
  'rename',
  'unlink',
  'rmdir',
  'link',
  'write',
  'pwrite64',
  'ftruncate',
  'utimensat',
];

const LOOKING = [
  'openat',
  'statx',
  'newfstatat',
  'access',
  'faccessat2',
  'readlink',
  'getdents64',
  'fstat',
  'read',
  'pread64',
  'close',
];

/** Files that are flatnet's business; everything before and beside them is Node's own start. */
const OURS =
  /\/var\/(lib|log)\/|\/proc\/(self|\d+|sys)\/(fd|net|ns|stat|kernel\/random)|\/run\/(netns|flatnet)\/|\/sys\/class\/net/;

/** `openat(AT_FDCWD</>, "/a/b", ...` and `write(7</a/b>, ...`: the first path in it. */
function pathOf(line: string): string {
  const words = line.replace(/AT_FDCWD<[^>]*>, /, '');
  return (/^\w+\((?:\d+<([^>]*)>|"([^"]*)")/.exec(words) ?? []).slice(1).find(Boolean) ?? '';
}

function withoutNumbers(path: string): string {
  return path.replaceAll(/\d+(\.\d+\.\d+\.\w+)?/g, '#');
}

/** Whether a point can damage something, rather than only keep flatnet from looking. */
export function isChanging({ syscall, path }: FilePoint): boolean {
  return CHANGING.includes(syscall) || (syscall === 'openat' && /\/var\//.test(path));
}

function parseTrace(trace: string): readonly FilePoint[] {
  const counts = new Map<string, number>();
  const count = (key: string): number => {
    const nth = (counts.get(key) ?? 0) + 1;
    counts.set(key, nth);
    return nth;
  };
  return trace.split('\n').flatMap((line) => {
    const syscall = /^\w+(?=\()/.exec(line)?.[0];
    if (syscall === undefined) return [];
    const path = withoutNumbers(pathOf(line));
    return [{ syscall, nth: count(syscall), path, nthOfPath: count(`${syscall} ${path}`) }];
  });
}

/** Where strace writes what it sees. */
export const TRACE = '/run/trace';
const TRACED = `trace=${[...CHANGING, ...LOOKING].join(',')}`;
type CallUnder = (under: readonly string[]) => Promise<Answer>;

async function traced(machine: Machine, words: readonly string[], call: CallUnder) {
  await rm(machine.host.file(TRACE), { force: true });
  const answer = await call(['strace', '-y', '-o', TRACE, '-e', TRACED, ...words]);
  return { answer, seen: parseTrace(await readFile(machine.host.file(TRACE), 'utf8')) };
}

/**
 * Every system call on a file of flatnet's that a call makes. Errors of `read` and `close` on what is kept in memory
 * (/proc, /sys, /run) are left out: the kernel has none, and Node takes them for the end of the world.
 */
export async function recordFiles(machine: Machine, call: CallUnder): Promise<readonly FilePoint[]> {
  const { seen } = await traced(machine, [], call);
  return seen
    .filter(({ path }) => OURS.test(path.replaceAll('#', '0')))
    .filter(({ syscall, path }) => !(/^(read|close)$/.test(syscall) && /^\/(proc|sys|run)\//.test(path)));
}

const isSame = (one: FilePoint, other: FilePoint) =>
  one.syscall === other.syscall && one.path === other.path && one.nthOfPath === other.nthOfPath;

/** A point to be met in runs that differ in how many calls of Node's own come before it. */
export interface Aim {
  readonly point: FilePoint;
  /** Where the point stood, run by run. */
  readonly seenAt: readonly number[];
  /** The last run did not get that far, because the fault hit a call of Node's own; the next one only looks. */
  readonly isLost: boolean;
}

export function aimAt(point: FilePoint): Aim {
  return { point, seenAt: [point.nth], isLost: false };
}

/** What became of a call. */
export interface Injected {
  readonly answer: Answer;
  /** Whether the fault hit the point. */
  readonly isHit: boolean;
  /** The aim for another try. */
  readonly next: Aim;
}

/**
 * On a file whose path is always the same, strace is told the path and counts the calls on that file alone. Else it
 * counts all calls, and Node's own, of which there are more or fewer in every run, have to be guessed.
 */
const hasFixedPath = ({ path }: FilePoint) => /^\/(var|run\/flatnet)\/[^#]*$/.test(path);

function wordsFor({ point, seenAt, isLost }: Aim, fault: Fault): { words: readonly string[]; at: number } {
  const words = (at: number) => ['-e', `inject=${point.syscall}:${fault}:when=${at}`];
  if (hasFixedPath(point)) {
    return { words: ['-P', point.path, ...words(point.nthOfPath)], at: point.nthOfPath };
  }
  const at = seenAt[Math.floor(Math.random() * seenAt.length)] ?? point.nth;
  return isLost ? { words: [], at: 0 } : { words: words(at), at };
}

/** Makes one system call go wrong. */
export async function inject(
  machine: Machine,
  { aim, fault }: { readonly aim: Aim; readonly fault: Fault },
  call: CallUnder,
): Promise<Injected> {
  const { point, seenAt } = aim;
  const { words, at } = wordsFor(aim, fault);
  const { answer, seen } = await traced(machine, words, call);
  const found = seen.find((other) => isSame(other, point));
  if (found === undefined) return { answer, isHit: false, next: { ...aim, isLost: true } };
  const isHit = (hasFixedPath(point) ? found.nthOfPath : found.nth) === at;
  return { answer, isHit, next: { point, seenAt: [...seenAt, found.nth], isLost: false } };
}
