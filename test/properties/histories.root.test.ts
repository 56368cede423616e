import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { ensureExecutable } from '../executable.ts';
import { type Course, createStage, type Stage } from './history.ts';
import { histories, KINDS } from './arbitraries.ts';
import { describe as describeOperation, type Operation } from './operations.ts';

/** How many histories; `npm run histories` sets 5,000. */
const HISTORIES = Number(process.env['FLATNET_HISTORIES'] ?? 200);
/** The gate runs the same histories each time, so that a change is judged by what it changes; the nightly run, others. */
const GATE_SEED = process.env['FLATNET_HISTORIES'] === undefined ? '455088544' : undefined;
const SEED = process.env['FLATNET_HISTORIES_SEED'] ?? GATE_SEED;
/** Kinds of operations, to look for something: `FLATNET_HISTORIES_KINDS=add,del,die`. */
const ONLY = process.env['FLATNET_HISTORIES_KINDS']?.split(',');
const AT_ONCE = 2;
const MS_PER_HISTORY = 10_000;

beforeAll(() => ensureExecutable(), 180_000);

interface Failure {
  readonly operations: readonly Operation[];
  readonly course: Course;
}

/** Leaves out one operation after another that does not matter: each attempt is a history, so there are no more than these. */
async function shorten(stage: Stage, failure: Failure): Promise<Failure> {
  let shortest = failure;
  for (let at = failure.operations.length - 1; at >= 0; at -= 1) {
    const operations = shortest.operations.toSpliced(at, 1);
    const course = await stage.play(operations);
    if (course.problems.length > 0) shortest = { operations, course };
  }
  return shortest;
}

/** What is wrong, in words, to be replayed in a test (known.ts), and as a script to be run by hand. */
function tell({ operations, course }: Failure): string {
  const { problems, script } = course;
  const words = operations.map((operation) => `  ${describeOperation(operation)}`);
  return [...problems, ...words, JSON.stringify(operations), script].join('\n');
}

/** Plays histories until one goes wrong. */
async function explore(stage: Stage, seed: number): Promise<string | undefined> {
  const kinds = KINDS.filter((kind) => ONLY?.includes(kind) ?? true);
  let first: Failure | undefined;
  const property = fc.asyncProperty(histories({ kinds }), async (operations) => {
    const course = await stage.play(operations);
    if (course.problems.length === 0) return true;
    first = { operations, course };
    return false;
  });
  const numRuns = Math.ceil(HISTORIES / AT_ONCE);
  const { failed, errorInstance } = await fc.check(property, { seed, numRuns, endOnFailure: true });
  if (!failed) return undefined;
  if (first === undefined) throw errorInstance;
  return `FLATNET_HISTORIES_SEED=${seed}\n${tell(await shorten(stage, first))}`;
}

describe(`of ${HISTORIES} histories of a host`, () => {
  it(
    'each leaves every container its address and its ports, and nobody what is not theirs',
    { timeout: 120_000 + HISTORIES * MS_PER_HISTORY },
    async () => {
      const [first = 0] = SEED === undefined ? fc.sample(fc.nat(), 1) : [Number(SEED)];
      const told = await Promise.all(
        Array.from({ length: AT_ONCE }, async (_, at) => {
          await using stage = await createStage();
          return await explore(stage, first + at);
        }),
      );
      expect(told.filter((one) => one !== undefined).join('\n\n')).toBe('');
    },
  );
});
