import type { Reply } from './call.ts';
import { Skipped, Violation, type Case, type Requirement } from './case.ts';
import type { Privacy } from './privacy.ts';
import { createWorld, type World } from './world.ts';

/** `broken`: the case could not be carried through, which is not a pass. */
export type Outcome = 'passed' | 'failed' | 'broken' | 'skipped';

export interface CaseReport {
  readonly case: Requirement;
  readonly outcome: Outcome;
  /** Why it failed, broke or was skipped; empty if it passed. */
  readonly message: string;
  readonly ms: number;
  /** The calls and replies of a case that did not pass. */
  readonly calls: readonly Reply[];
}

/** Notified during a run; reports come in the order of the cases. */
export interface Listener {
  started?(started: Requirement): void;
  finished?(report: CaseReport): void;
}

/** What a host must show of a subject, of whatever protocol. */
export interface Exposed {
  /** Every executable involved. */
  readonly executables: readonly string[];
  /** How the configuration's paths on this machine are kept private to a case. */
  readonly privacy: Privacy;
}

/** The tools of a case; the calls are the evidence of a failure. */
export interface Tools {
  readonly calls: readonly Reply[];
}

export interface RunOptions<B extends Tools, S extends Exposed> {
  readonly subject: S;
  readonly cases: readonly Case<B, S>[];
  /** Makes the tools of a case in its host. */
  readonly makeBench: (subject: S, host: World) => B | Promise<B>;
  /** Number of concurrent cases, each in its own host. */
  readonly jobs: number;
  readonly listener?: Listener;
  /** Ends the run early: kills the cases under way with their hosts, and starts no more. */
  readonly signal?: AbortSignal | undefined;
}

/** Cases selected by `--only`: families, ids, prefixes of ids (`DEL-3`); every case if the list is empty. */
export function selectCases<C extends Requirement>(
  families: readonly { readonly cases: readonly C[] }[],
  only: readonly string[],
): C[] {
  const all = families.flatMap(({ cases }) => cases);
  if (only.length === 0) return all;
  const unknown = only.find((word) => !all.some(({ id }) => isSelected(id, word)));
  if (unknown !== undefined)
    throw new Error(`Cannot select "${unknown}": no family has this name, and no case id starts with it`);
  return all.filter(({ id }) => only.some((word) => isSelected(id, word)));
}

function isSelected(id: string, word: string): boolean {
  const start = word.replace(/-?\*?$/, '');
  return start.includes('-') ? id.startsWith(start) : id.startsWith(`${start}-`);
}

/** Runs the cases, several at a time; returns the reports of finished ones in the order of the cases. */
export async function runCases<B extends Tools, S extends Exposed>(
  options: RunOptions<B, S>,
): Promise<CaseReport[]> {
  const { cases, jobs, listener = {}, signal } = options;
  const reports: (CaseReport | undefined)[] = [];
  const waiting = cases.entries();
  const end: EarlyEnd = {
    signal,
    came: new Promise((resolve) => signal?.addEventListener('abort', resolve)),
  };
  let announced = 0;
  const work = async (): Promise<void> => {
    for (const [index, entry] of waiting) {
      if (signal?.aborted === true) return;
      listener.started?.(entry);
      const report = await runCase(options, entry, end);
      if (report === undefined) return;
      reports[index] = report;
      for (; reports[announced] !== undefined; announced += 1) listener.finished?.(reports[announced]!);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  const finished = reports.filter((report) => report !== undefined);
  // Cases that finished after one that was given up have not been reported yet.
  for (const report of finished.slice(announced)) listener.finished?.(report);
  return finished;
}

/** Makes every executable involved visible on a host. */
export async function exposeSubject(
  host: World,
  { executables }: Pick<Exposed, 'executables'>,
): Promise<void> {
  for (const file of executables) await host.expose(file);
}

interface EarlyEnd {
  readonly signal: AbortSignal | undefined;
  readonly came: Promise<unknown>;
}

/** @returns nothing if the run was ended before the case. */
async function runCase<B extends Tools, S extends Exposed>(
  { subject, makeBench }: RunOptions<B, S>,
  entry: Case<B, S>,
  end: EarlyEnd,
): Promise<CaseReport | undefined> {
  const started = performance.now();
  const reason = entry.needs?.map((need) => need(subject)).find((answer) => answer !== undefined);
  if (reason !== undefined) return { case: entry, outcome: 'skipped', message: reason, ms: 0, calls: [] };
  let calls: readonly Reply[] = [];
  try {
    await using host = await createWorld(subject.privacy);
    await exposeSubject(host, subject);
    const bench = await makeBench(subject, host);
    calls = bench.calls;
    // If the host is being removed, the case is not awaited.
    await Promise.race([entry.run(bench), end.came]);
    if (end.signal?.aborted === true) return undefined;
    return { case: entry, outcome: 'passed', message: '', ms: performance.now() - started, calls: [] };
  } catch (cause) {
    if (end.signal?.aborted === true) return undefined;
    const ms = performance.now() - started;
    return { case: entry, ...judge(cause), ms, calls: [...calls] };
  }
}

function judge(cause: unknown): Pick<CaseReport, 'outcome' | 'message'> {
  if (cause instanceof Skipped) return { outcome: 'skipped', message: cause.message };
  if (cause instanceof Violation) return { outcome: 'failed', message: cause.message };
  return { outcome: 'broken', message: cause instanceof Error ? cause.message : String(cause) };
}
