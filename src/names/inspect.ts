import type { Context } from '../sys/context.ts';
import { readTextFile } from '../sys/files/files.ts';
import { type Daemon, runningDaemon, strayDaemons } from '../sys/process/daemon.ts';
import { isExecutableFile } from '../sys/process/tool.ts';
import { type Engine, engineFor } from './engine.ts';
import type { NotedZone } from './noted.ts';
import { doesAnswer, type Expectation, expectKnown, type ServerPlace } from './question.ts';
import type { NameRecord } from './record.ts';
import type { FilledZone, ServerProgram, Zone } from './zone.ts';

/** How a zone's server fares. */
export interface ServerState {
  /**
   * `dead`: no process. `elsewhere`: in another network namespace. `outdated`: of a program that was replaced.
   * `stuck`: no answer about a name that it has.
   */
  readonly condition: 'answers' | 'dead' | 'elsewhere' | 'outdated' | 'stuck';
  /** Where it was asked in vain. */
  readonly silentAt?: string;
  /** The file with what it printed, and the last line of that; empty if nothing. */
  readonly output: string;
  readonly said: string;
  /** False where the program was removed: nothing can start it again. */
  readonly isInstalled: boolean;
  /** Containers it does not know, by their first name. */
  readonly missing: readonly string[];
  /** First names of containers that are gone. */
  readonly stale: readonly string[];
  /** Whether file and note are what the next change would write. */
  readonly isCurrent: boolean;
}

/** For an answer of a server that has the name already, in milliseconds. */
const PATIENCE_MS = 500;
/** So many in vain are enough to tell of. */
const MISSES = 3;
/** The word of a line in which the container's first name is. */
const NAME_AT: Readonly<Record<ServerProgram['kind'], number>> = { aardvark: 3, dnsmasq: 2 };

function nameIn(line: string, kind: ServerProgram['kind']): string {
  return line.split(' ')[NAME_AT[kind]]?.split(',')[0] ?? '';
}

/** Compares a zone's file with what it should have. */
function compareFile({ zone, records }: FilledZone, engine: Engine, { program, zone: noted }: NotedZone) {
  const is = readTextFile(engine.file) ?? '';
  const linesOf = (text: string) => text.split('\n').filter((line) => nameIn(line, program.kind) !== '');
  const should = engine.format({ zone, records });
  const firstNames = (lines: readonly string[], others: readonly string[]) => [
    ...new Set(lines.filter((line) => !others.includes(line)).map((line) => nameIn(line, program.kind))),
  ];
  const [present, wanted] = [linesOf(is), linesOf(should)];
  return {
    missing: firstNames(wanted, present),
    stale: firstNames(present, wanted),
    isCurrent: is === should && JSON.stringify(noted) === JSON.stringify(zone),
  };
}

/** The address at which the server says nothing of a name that it has. */
async function silence(
  { listen, port }: Zone,
  expectation: Expectation | undefined,
  plain: Context['plain'],
): Promise<string | undefined> {
  if (expectation === undefined) return undefined;
  for (const address of listen) {
    if (!(await doesAnswer({ address, port }, expectation, { timeoutMs: PATIENCE_MS, plain })))
      return address;
  }
  return undefined;
}

/** Containers of which a server knows nothing that answers about another. */
async function unknownTo(
  place: ServerPlace,
  { records, domain }: { readonly records: readonly NameRecord[]; readonly domain: string },
  plain: Context['plain'],
): Promise<readonly string[]> {
  const unknown: string[] = [];
  for (const record of records) {
    const expectation = expectKnown(record, domain);
    if (expectation === undefined || (await doesAnswer(place, expectation, { timeoutMs: 0, plain })))
      continue;
    unknown.push(record.names[0] ?? '');
    if (unknown.length === MISSES) break;
  }
  return unknown;
}

function processOf(daemon: Daemon): ServerState['condition'] | undefined {
  // One whose file was lost serves all the same.
  const running = runningDaemon(daemon) ?? strayDaemons(daemon)[0];
  if (running === undefined) return 'dead';
  if (!running.isHere) return 'elsewhere';
  return running.isCurrent ? undefined : 'outdated';
}

/** Looks at the file, the process and the answers of a zone's server; changes nothing. */
export async function inspectServer(
  filled: FilledZone,
  noted: NotedZone,
  { plain }: Pick<Context, 'plain'>,
): Promise<ServerState> {
  const { zone, records } = filled;
  const { listen, domain } = zone;
  const engine = engineFor(zone, noted.program);
  const { daemon } = engine;
  const file = compareFile(filled, engine, noted);
  const seen = {
    ...file,
    output: daemon.output,
    said: readTextFile(daemon.output)?.trim().split('\n').at(-1) ?? '',
    isInstalled: isExecutableFile(daemon.path),
  };
  const condition = processOf(daemon);
  if (condition !== undefined) return { ...seen, condition };
  const present = records.filter(({ names }) => names.length > 0 && !file.missing.includes(names[0] ?? ''));
  const [first, ...others] = present;
  const silentAt = await silence(zone, first === undefined ? undefined : expectKnown(first, domain), plain);
  if (silentAt !== undefined) return { ...seen, condition: 'stuck', silentAt };
  const unknown = await unknownTo(
    { address: listen[0] ?? '', port: zone.port },
    { records: others, domain },
    plain,
  );
  return { ...seen, condition: 'answers', missing: [...file.missing, ...unknown] };
}
