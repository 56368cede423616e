import { expect } from 'vitest';
import { type Bench, type ChangingVerb, createBench, forget, makeCold } from './bench.ts';
import { type Answer, type Conf, expectError, expectSuccess } from './machine.ts';
import { isDelegated } from './networks.ts';
import type { Mode, Point } from './tools.ts';

/** One start of a tool in a verb, and what goes wrong with it. */
export interface Disturbance {
  readonly verb: ChangingVerb;
  readonly point: Point;
  readonly mode: Mode;
}

/** A runtime's own limit is never reached; a process that is stopped cannot keep to any. */
function expectInTime({ ms }: Answer, { mode }: Disturbance, what: string): void {
  expect(ms, what).toBeLessThan(mode === 'stop' ? 60_000 : 30_000);
}

/** Every failed ADD leaves nothing; every ADD can be taken back. */
async function disturbAdd(bench: Bench, disturbance: Disturbance, what: string): Promise<void> {
  const { machine, conf, tools, before } = bench;
  const { point, mode } = disturbance;
  await makeCold(bench);
  const answer = await tools.disturb(point, mode, () => machine.call('ADD', { conf }));
  expectInTime(answer, disturbance, what);
  if (answer.exitCode !== 0) {
    expectError(answer, undefined, what);
    if (mode === 'hang') expectForeseen(answer, what);
    expect(await machine.state(), what).toEqual(before);
  }
}

/** "Try again later", or what flatnet could not do; never "unforeseen". */
function expectForeseen({ document, isOfDriver }: Answer, what: string): void {
  if (isOfDriver) {
    expect(document?.['error'], what).not.toMatch(/^Cannot run setup/);
    return;
  }
  const isOfTrouble = (code: number) => code === 11 || (code >= 100 && code < 200);
  expect(document?.['code'], what).toSatisfy(isOfTrouble);
}

/** A DEL in trouble still answers well. Where another plugin gives the addresses, it fails with it (SPEC section 4). */
async function disturbDel(bench: Bench, disturbance: Disturbance, what: string): Promise<void> {
  const { machine, conf, tools } = bench;
  const { point, mode } = disturbance;
  expectSuccess(await machine.call('ADD', { conf }));
  await forget(bench);
  const answer = await tools.disturb(point, mode, () => machine.call('DEL', { conf, netns: null }));
  expectInTime(answer, disturbance, what);
  if (answer.exitCode !== 0 && isDelegated(conf)) expectError(answer, undefined, what);
  else expectSuccess(answer);
}

/** Makes one start of a tool go wrong; the next DEL finishes whatever work is left. */
export async function disturb(bench: Bench, disturbance: Disturbance): Promise<void> {
  const { machine, conf, before } = bench;
  const { verb, mode, point } = disturbance;
  const what = `${verb} with ${mode} of ${point.tool} ${point.words}`;
  await (verb === 'ADD' ? disturbAdd : disturbDel)(bench, disturbance, what);
  expectSuccess(await machine.call('DEL', { conf, netns: null }));
  expect(await machine.state(), `DEL after ${what}`).toEqual(before);
}

/** Does something on a bench of its own. */
async function onOwnBench(conf: Conf, work: (bench: Bench) => Promise<void>): Promise<void> {
  await using bench = await createBench(conf);
  await work(bench);
}

/** Machines that wait at once; enough for all of a test run. */
const SLOW_AT_ONCE = 30;

/**
 * Starts what waits for half a minute by its nature, each on a bench of its own, to go on beside the other tests.
 *
 * @returns every failure.
 */
export async function startSlow(
  conf: Conf,
  works: readonly ((bench: Bench) => Promise<void>)[],
): Promise<readonly unknown[]> {
  const running: Promise<void>[] = [];
  const active = new Set<Promise<void>>();
  for (const work of works) {
    if (active.size >= SLOW_AT_ONCE) await Promise.race(active);
    const started = Promise.withResolvers<undefined>();
    const run = onOwnBench(conf, (bench) => {
      started.resolve(undefined);
      return work(bench);
    });
    running.push(run);
    const over = run.catch(() => undefined).then(() => void active.delete(over));
    active.add(over);
    // One bench after the other: all at once they would keep each other waiting.
    await Promise.race([started.promise, run.catch(() => undefined)]);
  }
  const outcomes = await Promise.allSettled(running);
  return outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
}

/** A DEL that comes while its ADD, which the runtime gave up on, is stopped; then the ADD goes on. */
export async function deleteBesideStopped(bench: Bench, point: Point): Promise<void> {
  const { machine, conf, tools, before } = bench;
  await makeCold(bench);
  const { added, deleted } = await tools.disturb(point, 'stop', async () => {
    const adding = machine.call('ADD', { conf });
    await tools.untilStarted(point);
    return { deleted: await machine.call('DEL', { conf, netns: null }), added: await adding };
  });
  expectSuccess(deleted);
  expect(deleted.ms).toBeLessThan(28_000);
  expectError(added, 11);
  expectSuccess(await machine.call('DEL', { conf, netns: null }));
  expect(await machine.state()).toEqual(before);
}
