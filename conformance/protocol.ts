import type { Group, Requirement } from './case.ts';
import type { Options } from './options.ts';
import type { CaseReport, Listener } from './runner.ts';

/** What a report says of the plugin under test. */
export interface PluginFacts {
  readonly protocol: 'CNI' | 'netavark';
  /** What is cited, for the page: "specification 1.1.0". */
  readonly text: string;
  readonly type: string;
  readonly binary: string;
  readonly network: string;
  /** The types of the whole chain, including the plugin under test. */
  readonly chain: readonly string[];
  readonly claimedVersions: readonly string[];
  readonly testedVersions: readonly string[];
}

export interface RunningOptions {
  readonly jobs: number;
  readonly listener: Listener;
  readonly signal: AbortSignal;
}

/** A plugin that was found fit to be tested. */
export interface Opened {
  readonly plugin: PluginFacts;
  /** What it claims, in one line. */
  readonly claims: string;
  /** Paths that all cases share. */
  readonly shared: readonly string[];
  /** Runs the cases that `--only` selects. */
  run(only: readonly string[], options: RunningOptions): Promise<CaseReport[]>;
}

/** A protocol between runtimes and plugins, and the cases for it. */
export interface Protocol {
  /** Every case, in the order of the report. */
  readonly families: readonly Group[];
  /** The cases that `--only` selects; throws for a word that selects none. */
  select(only: readonly string[]): readonly Requirement[];
  /** @throws {Error} if the plugin cannot be tested at all. */
  open(options: Options): Promise<Opened>;
}
