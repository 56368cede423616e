import type { Bench } from './bench.ts';
import type { SectionName } from './sections.ts';
import type { Subject } from './subject.ts';

/** The RFC 2119 word of the clause; practice that no clause demands is SHOULD. */
export type Severity = 'MUST' | 'SHOULD';

/** What a protocol demands, whichever it is. */
export interface Requirement {
  /** Family and number, stable across releases: `ADD-03`. */
  readonly id: string;
  /** What a conforming plugin does: "ADD refuses ...". */
  readonly title: string;
  readonly section: SectionName;
  readonly severity: Severity;
}

/** One requirement and its test: of CNI, unless the tools and the subject are another protocol's. */
export interface Case<B = Bench, S = Subject> extends Requirement {
  /** What the plugin must support for the case to apply: each answers why it does not, or `undefined`. */
  readonly needs?: readonly ((subject: S) => string | undefined)[];
  /** Returns to pass; throws {@link Violation} to fail, {@link Skipped} if the case turns out not to apply. */
  readonly run: (bench: B) => Promise<void>;
}

/** Requirements under one title of the report. */
export interface Group {
  readonly prefix: string;
  readonly title: string;
  readonly cases: readonly Requirement[];
}

export interface Family<B = Bench, S = Subject> extends Group {
  readonly cases: readonly Case<B, S>[];
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
