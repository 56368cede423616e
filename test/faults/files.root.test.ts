import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureExecutable } from '../executable.ts';
import { type Answer, createMachine, expectError, expectSuccess, type Machine } from './machine.ts';
import { EVERYTHING, shareOut } from './pool.ts';
import { type Fault, type FilePoint, inject, isChanging, recordFiles } from './syscalls.ts';

const ERRORS: readonly Fault[] = ['error=ENOSPC', 'error=EROFS', 'error=EACCES', 'error=EIO'];
const SIGNALS: readonly Fault[] = ['signal=KILL', 'signal=TERM'];
const WORKERS = 4;
/** Two suffice as a rule; what else the machine does changes how many calls of Node's own come before. */
const ATTEMPTS = 60;

interface Bench {
  readonly machine: Machine;
  readonly before: readonly string[];
}

let benches: readonly Bench[];
const points = new Map<'ADD' | 'DEL', readonly FilePoint[]>();

async function createBench(): Promise<Bench> {
  const machine = await createMachine();
  expectSuccess(await machine.call('ADD'));
  expectSuccess(await machine.call('DEL'));
  return { machine, before: await machine.state() };
}

beforeAll(async () => {
  await ensureExecutable();
  benches = await Promise.all(Array.from({ length: WORKERS }, createBench));
  const machine = benches[0]!.machine;
  for (const verb of ['ADD', 'DEL'] as const) {
    points.set(verb, await recordFiles(machine, (under) => machine.call(verb, { under })));
  }
});

afterAll(() => Promise.all(benches.map(({ machine }) => machine[Symbol.asyncDispose]())));

interface Trial {
  readonly point: FilePoint;
  readonly fault: Fault;
}

/** All errors where something can be damaged, and where flatnet only looks one of them in turn. */
function trials(verb: 'ADD' | 'DEL', faults: readonly Fault[]): readonly Trial[] {
  return (points.get(verb) ?? []).flatMap((point, index) =>
    faults
      .filter((_fault, at) => EVERYTHING || isChanging(point) || at === index % faults.length)
      .map((fault) => ({ point, fault })),
  );
}

/** Tries until the fault hit what it was meant for; what else it hits is Node's own, which may then just die. */
async function tryFault(bench: Bench, verb: 'ADD' | 'DEL', { point, fault }: Trial): Promise<void> {
  const { machine } = bench;
  const name = `${verb} with ${fault} at ${point.syscall} ${point.path}`;
  let aim = point;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    expectSuccess(await machine.call('DEL', { netns: null }));
    if (verb === 'DEL') expectSuccess(await machine.call('ADD'));
    const { answer, isHit, next } = await inject(machine, { point: aim, fault }, (under) =>
      machine.call(verb, { under }),
    );
    await expectNothingLeft(bench, { name, answer, mayDie: fault === 'signal=KILL' || !isHit });
    if (isHit) return;
    aim = next;
  }
  throw new Error(`${name}: never reached`);
}

async function expectNothingLeft(
  { machine, before }: Bench,
  { name, answer, mayDie }: { name: string; answer: Answer; mayDie: boolean },
): Promise<void> {
  expect(answer.ms, name).toBeLessThan(15_000);
  if (!mayDie && answer.exitCode !== 0) {
    expectError(answer, undefined, name);
    if (name.startsWith('ADD')) expect(await machine.state(), name).toEqual(before);
  }
  expectSuccess(await machine.call('DEL', { netns: null }));
  expect(await machine.state(), `DEL after ${name}`).toEqual(before);
}

describe.each(['ADD', 'DEL'] as const)('%s', (verb) => {
  test('touches the files that there are', () => {
    const paths = (points.get(verb) ?? []).map(({ path }) => path).join('\n');
    expect(paths).toContain('/var/lib/flatnet/ipam/allocations.json.lock');
    expect(paths).toContain('/var/log/flatnet/cni.log');
  });

  test('leaves nothing when any one file operation fails', { timeout: 600_000 }, () =>
    shareOut(benches, trials(verb, ERRORS), (bench, trial) => tryFault(bench, verb, trial)),
  );

  test(
    'leaves nothing when it is killed or asked to end at any one file operation',
    { timeout: 600_000 },
    () =>
      shareOut(
        benches,
        trials(verb, SIGNALS).filter(({ point }) => EVERYTHING || isChanging(point)),
        (bench, trial) => tryFault(bench, verb, trial),
      ),
  );
});
