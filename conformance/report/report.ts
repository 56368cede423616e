import type { Reply } from '../call.ts';
import type { Group, Requirement } from '../case.ts';
import type { PluginFacts } from '../protocol.ts';
import type { CaseReport, Outcome } from '../runner.ts';
import { PRACTICE, SECTIONS, type Section } from '../sections.ts';

/** A whole run, as in `--json` and on the page. */
export interface Report {
  readonly plugin: PluginFacts;
  /** The command line without `--only`, to run a single case again. */
  readonly command: string;
  /** RFC 3339, UTC. */
  readonly started: string;
  readonly durationMs: number;
  /** Number of selected cases that an interrupt kept from finishing. */
  readonly notRun: number;
  readonly summary: Summary;
  readonly families: readonly FamilyReport[];
}

export interface Summary {
  readonly passed: number;
  /** Includes broken cases: an untested requirement did not pass. */
  readonly failed: number;
  readonly skipped: number;
  readonly failedMust: number;
  /** Excludes failures against practice alone. */
  readonly failedShould: number;
  /** Failures against practice: no clause demands it, but runtimes rely on it. */
  readonly failedPractice: number;
}

export interface FamilyReport {
  readonly title: string;
  readonly summary: Summary;
  readonly cases: readonly CaseEntry[];
}

export interface CaseEntry {
  readonly id: string;
  readonly title: string;
  readonly severity: Requirement['severity'];
  readonly grade: Grade;
  readonly section: Section;
  readonly outcome: Outcome;
  readonly message: string;
  readonly ms: number;
  /** The calls of a case that did not pass, oldest first. */
  readonly calls: readonly CallEntry[];
}

/** One call of the plugin, in enough detail to repeat it by hand. */
export interface CallEntry {
  /** Arguments; CNI has none. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
  readonly heldOpen: boolean;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

export interface Run {
  readonly plugin: PluginFacts;
  readonly command: string;
  readonly families: readonly Group[];
  readonly reports: readonly CaseReport[];
  readonly notRun: number;
  readonly started: Date;
  readonly durationMs: number;
}

export function makeReport(run: Run): Report {
  const { plugin, command, families, reports, notRun, started, durationMs } = run;
  return {
    plugin,
    command,
    started: started.toISOString(),
    durationMs: Math.round(durationMs),
    notRun,
    summary: summarize(reports),
    families: families.flatMap(({ title, cases }) => {
      const own = reports.filter((report) => cases.includes(report.case));
      return own.length === 0 ? [] : [{ title, summary: summarize(own), cases: own.map(describeCase) }];
    }),
  };
}

export function summarize(reports: readonly CaseReport[]): Summary {
  const failed = reports.filter(({ outcome }) => outcome === 'failed' || outcome === 'broken');
  const failedOf = (grade: Grade): number => failed.filter((report) => gradeOf(report.case) === grade).length;
  return {
    passed: reports.filter(({ outcome }) => outcome === 'passed').length,
    failed: failed.length,
    skipped: reports.filter(({ outcome }) => outcome === 'skipped').length,
    failedMust: failedOf('MUST'),
    failedShould: failedOf('SHOULD'),
    failedPractice: failedOf('practice'),
  };
}

/** The strength of a violated requirement: a word of the specification, or the practice of runtimes. */
export type Grade = Requirement['severity'] | 'practice';

const gradeOf = ({ severity, section }: Pick<Requirement, 'severity' | 'section'>): Grade =>
  PRACTICE.some((name) => name === section) ? 'practice' : severity;

/** Ids of failed cases by grade, in the order of the report; grades without a failure are omitted. */
export function failedIds({ families }: Report): Map<Grade, string[]> {
  const failed = families
    .flatMap(({ cases }) => cases)
    .filter(({ outcome }) => outcome === 'failed' || outcome === 'broken');
  const grades: readonly Grade[] = ['MUST', 'SHOULD', 'practice'];
  const byGrade = grades.map((grade): [Grade, string[]] => [
    grade,
    failed.filter((entry) => entry.grade === grade).map(({ id }) => id),
  ]);
  return new Map(byGrade.filter(([, ids]) => ids.length > 0));
}

/** The last line of every run. */
export function lastLine({ passed, failed, skipped }: Summary): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

function describeCase({ case: entry, outcome, message, ms, calls }: CaseReport): CaseEntry {
  const { id, title, severity, section } = entry;
  return {
    id,
    title,
    severity,
    grade: gradeOf(entry),
    section: SECTIONS[section],
    outcome,
    message,
    ms: Math.round(ms),
    calls: calls.map(describeCall),
  };
}

function describeCall(reply: Reply): CallEntry {
  const { call, exitCode, signal, timedOut, heldOpen, stdout, stderr, ms } = reply;
  const env = Object.entries(call.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    args: call.args ?? [],
    env: Object.fromEntries(env),
    stdin: call.stdin,
    exitCode,
    signal,
    timedOut,
    heldOpen,
    stdout,
    stderr,
    ms: Math.round(ms),
  };
}
