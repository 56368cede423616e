import { median, quantile } from './statistics.ts';
import type { Figures } from './stopwatch.ts';

/** What was measured of each thing, by its name, in the order it was measured. */
export type Samples = Readonly<Record<string, readonly Figures[]>>;

/** Which figure of a command counts. */
export type Measure = 'wallMs' | 'peakKiB';

/** A comparison that has a target. */
export interface Claim {
  readonly what: string;
  readonly against: string;
  /** Names among the samples. */
  readonly ours: string;
  readonly theirs: string;
  /** The largest ratio that is good enough; where absent the row only informs. */
  readonly target?: number;
  /** Wall time where absent. */
  readonly measure?: Measure;
  /** What the processor time leaves out makes it no use here. */
  readonly withoutProcessor?: boolean;
}

/** One side of a row. */
export interface Summary {
  readonly median: number;
  readonly p95: number;
  readonly processorMs: number | undefined;
}

/** A row of the table. */
export interface Row {
  readonly what: string;
  readonly against: string;
  readonly unit: 'ms' | 'MiB';
  readonly rounds: number;
  readonly ours: Summary;
  readonly theirs: Summary;
  readonly ratio: number;
  readonly processorRatio: number | undefined;
  readonly target: number | undefined;
  readonly holds: boolean | undefined;
}

function summarise(figures: readonly Figures[], { measure = 'wallMs', withoutProcessor }: Claim): Summary {
  const values = figures.map((one) => (measure === 'wallMs' ? one.wallMs : one.peakKiB / 1024));
  const ignoresProcessor = withoutProcessor === true || measure !== 'wallMs';
  return {
    median: median(values),
    p95: quantile(values, 0.95),
    processorMs: ignoresProcessor ? undefined : median(figures.map(({ processorMs }) => processorMs)),
  };
}

function samplesNamed(samples: Samples, name: string): readonly Figures[] {
  const found = samples[name];
  if (found === undefined) throw new Error(`Cannot compare: nothing was measured under the name "${name}"`);
  return found;
}

/** Makes the row of a claim. */
export function judge(claim: Claim, samples: Samples): Row {
  const figures = samplesNamed(samples, claim.ours);
  const ours = summarise(figures, claim);
  const theirs = summarise(samplesNamed(samples, claim.theirs), claim);
  const ratio = ours.median / theirs.median;
  return {
    what: claim.what,
    against: claim.against,
    unit: claim.measure === 'peakKiB' ? 'MiB' : 'ms',
    rounds: figures.length,
    ours,
    theirs,
    ratio,
    processorRatio:
      ours.processorMs === undefined || theirs.processorMs === undefined
        ? undefined
        : ours.processorMs / theirs.processorMs,
    target: claim.target,
    holds: claim.target === undefined ? undefined : ratio <= claim.target,
  };
}
