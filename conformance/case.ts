import type { Bench } from './bench.ts';
import type { Need } from './needs.ts';
import type { SectionName } from './sections.ts';

/** The RFC 2119 word of the clause; practice that no clause demands is SHOULD. */
export type Severity = 'MUST' | 'SHOULD';

/** One thing a plugin has to do, and how to see whether it does. */
export interface Case {
  /** Family and number, stable across releases: `ADD-03`. */
  readonly id: string;
  /** What a conforming plugin does: "ADD refuses ...". */
  readonly title: string;
  readonly section: SectionName;
  readonly severity: Severity;
  /** What the plugin must claim for the case to apply to it. */
  readonly needs?: readonly Need[];
  /** Passes by returning; fails by throwing {@link Violation}; {@link Skipped} when it turns out not to apply. */
  run(bench: Bench): Promise<void>;
}

/** Cases about one subject, with a heading for the report. */
export interface Family {
  readonly prefix: string;
  readonly title: string;
  readonly cases: readonly Case[];
}

/** The plugin does not do what the case demands; the message says what was seen and what was wanted. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** The case turned out not to apply to this plugin; the message says why. */
export class Skipped extends Error {
  override readonly name = 'Skipped';
}

/** Fails the case unless the condition holds. */
export function ensure(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Violation(message);
}

/** Leaves the case unless the condition holds. */
export function skipUnless(condition: unknown, reason: string): asserts condition {
  if (!condition) throw new Skipped(reason);
}
