import { readFile, rm } from 'node:fs/promises';
import type { Answer, Machine } from './machine.ts';

/**
 * The n-th call of flatnet's main thread of one system call, counted from 1 at the start of the process; of `writev`
 * that of the thread that makes them.
 */
export interface FilePoint {
  readonly syscall: string;
  readonly nth: number;
  /** The file, without what differs from run to run; of a netlink socket its family, and the type of a request. */
  readonly path: string;
  /** The how manieth such call it is on that file. */
  readonly nthOfPath: number;
}

/** What happens instead of the system call: an error, or a signal before it. */
export type Fault = `error=${string}` | `signal=${'KILL' | 'TERM' | 'INT' | 'HUP' | 'STOP'}`;

/** Requests to the kernel that a thread of Node's pool waits for; nothing else is a `writev`. */
const ASIDE = 'writev';

/** System calls that change a file system. */
const CHANGING = [
  'mkdir',
  'rename',
  'unlink',
  'rmdir',
  'link',
  'write',
  ASIDE,
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
  'socket',
  'setns',
];

/** Files that are flatnet's business; everything before and beside them is Node's own start. */
const OURS =
  /^NETLINK_|\/var\/(lib|log)\/|\/proc\/(self|\d+|sys)\/(fd|net|ns|stat|kernel\/random)|\/run\/(netns|flatnet)\/|\/sys\/class\/net/;

/** One line of the trace: who calls what, and how. */
interface Line {
  readonly thread: string;
  readonly syscall: string;
  readonly text: string;
}

/** The lines of a trace; what strace had to tell in two parts, because another thread came between, is one again. */
function linesOf(trace: string): readonly Line[] {
  const lines: { thread: string; syscall: string; text: string }[] = [];
  for (const [, thread = '', text = ''] of trace.matchAll(/^(?:(\d+) +)?(.+)$/gm)) {
    const [, resumed, rest = ''] = /^<\.\.\. (\w+) resumed>(.*)$/.exec(text) ?? [];
    const begun = lines.findLast((line) => line.thread === thread && line.syscall === resumed);
    if (begun !== undefined) begun.text = begun.text.replace(' <unfinished ...>', rest);
    const syscall = /^\w+(?=\()/.exec(text)?.[0];
    if (syscall !== undefined) lines.push({ thread, syscall, text });
  }
  return lines;
}

function withoutNumbers(path: string): string {
  return path.replaceAll(/\d+(\.\d+\.\d+\.\w+)?/g, '#');
}

/** `openat(AT_FDCWD</>, "/a/b", ...` and `write(7</a/b>, ...`: the first path in it. */
function pathOf(text: string): string {
  const words = text.replace(/AT_FDCWD<[^>]*>, /, '');
  return (/^\w+\((?:\d+<([^>]*)>|"([^"]*)")/.exec(words) ?? []).slice(1).find(Boolean) ?? '';
}

/** The type that stands in a netlink request; `-x` writes all its bytes so. */
function requestIn(text: string): string {
  const [, low = '', high = ''] = /"(?:\\x..){4}\\x(..)\\x(..)/.exec(text) ?? [];
  return ` 0x${high}${low}`;
}

/** Names what each line is about; of a netlink socket strace tells the family where it is opened. */
function nameOf(): (line: Line) => string {
  const families = new Map<string, string>();
  return ({ syscall, text }) => {
    const [, family, socket = ''] =
      /^socket\(AF_NETLINK, .*(NETLINK_\w+)\)(?: += \d+<(.*)>)?/.exec(text) ?? [];
    if (family !== undefined) families.set(socket, family);
    if (family !== undefined) return family;
    const path = pathOf(text);
    const known = families.get(path);
    if (known === undefined) return withoutNumbers(path);
    return syscall.startsWith('write') ? `${known}${requestIn(text)}` : known;
  };
}

/** Whether a point is a request to the kernel, or its answer. */
export function isNetlink({ path }: FilePoint): boolean {
  return path.startsWith('NETLINK_');
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
  const name = nameOf();
  const lines = linesOf(trace);
  return lines.flatMap((line) => {
    const { thread, syscall } = line;
    const path = name(line);
    const nth = count(`${thread} ${syscall}`);
    if (thread !== lines[0]?.thread && syscall !== ASIDE) return [];
    return [{ syscall, nth, path, nthOfPath: count(`${syscall} ${path}`) }];
  });
}

/** Where strace writes what it sees. */
export const TRACE = '/run/trace';
const TRACED = `trace=${[...CHANGING, ...LOOKING].join(',')}`;
/** All threads, and one alone in Node's pool: which of four takes a request is chance, and strace counts for each. */
const WITH_THREADS = ['-f', '-E', 'UV_THREADPOOL_SIZE=1'];
type CallUnder = (under: readonly string[]) => Promise<Answer>;

async function traced(machine: Machine, words: readonly string[], call: CallUnder) {
  await rm(machine.host.file(TRACE), { force: true });
  const answer = await call(['strace', '-y', '-x', '-o', TRACE, '-e', TRACED, ...words]);
  return { answer, seen: parseTrace(await readFile(machine.host.file(TRACE), 'utf8')) };
}

/**
 * Every system call on a file of flatnet's, and every request to the kernel, that a call makes. Errors of `read` and `close` on what is kept in memory
 * (/proc, /sys, /run) are left out: the kernel has none, and Node takes them for the end of the world.
 */
export async function recordFiles(machine: Machine, call: CallUnder): Promise<readonly FilePoint[]> {
  const { seen } = await traced(machine, WITH_THREADS, call);
  return seen
    .filter(({ path }) => OURS.test(path.replaceAll('#', '0')))
    .filter(({ syscall, path }) => !(/^(read|close)$/.test(syscall) && /^\/(proc|sys|run)\//.test(path)))
    .filter((point) => !(isNetlink(point) && point.syscall === 'close'));
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
  if (point.syscall === ASIDE) return { words: [...WITH_THREADS, ...words(point.nth)], at: point.nth };
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
