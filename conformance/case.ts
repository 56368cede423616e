import type { Bench } from './bench.ts';
import type { Need } from './needs.ts';
import type { SectionName } from './sections.ts';

/** The RFC 2119 word of the clause; practice that no clause demands is SHOULD. */
export type Severity = 'MUST' | 'SHOULD';

/** One requirement and its test. */
export interface Case {
  /** Family and number, stable across releases: `ADD-03`. */
  readonly id: string;
  /** What a conforming plugin does: "ADD refuses ...". */
  readonly title: string;
  readonly section: SectionName;
  readonly severity: Severity;
  /** What the plugin must support for the case to apply. */
  readonly needs?: readonly Need[];
  /** Returns to pass; throws {@link Violation} to fail, {@link Skipped} if the case turns out not to apply. */
  run(bench: Bench): Promise<void>;
}

export interface Family {
  readonly prefix: string;
  readonly title: string;
  readonly cases: readonly Case[];
}

/** The plugin violates the requirement; the message says what was seen and what was expected. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** The case does not apply to this plugin; the message says why. */
export class Skipped extends Error {
  override readonly name = 'Skipped';
}

/** Fails the case unless the condition holds. */
export function ensure(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Violation(message);
}

/** Skips the case unless the condition holds. */
export function skipUnless(condition: unknown, reason: string): asserts condition {
  if (!condition) throw new Skipped(reason);
}
