import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { createMachine, expectSuccess, type Machine } from '../faults/machine.ts';
import { DRIVER_NETWORKS } from '../faults/networks.ts';
import { placeNetavark } from '../fixtures/netavark.ts';
import type { ServedCall } from '../fixtures/serve-driver.ts';
import { driverCall } from './driver-inputs.ts';
import { CONTROL, inBatches, MS_PER_RUN, RUNS } from './runs.ts';

const AT_ONCE = 4;
const THROUGH_EXECUTABLE = AT_ONCE * Math.ceil(RUNS / 40 / AT_ONCE);
const SLOW_MS = 5_000;

let machine: Machine;

beforeAll(async () => {
  await ensureExecutable();
  machine = await createMachine();
  await placeNetavark(machine.host);
});

afterAll(() => machine[Symbol.asyncDispose]());

interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr?: string;
  /** Wall time of the executable, processor time inside a process that serves many calls. */
  readonly ms: number;
}

/** One line or, for a teardown that succeeds, nothing; in time, and never "unforeseen". */
function expectProtocol(call: ServedCall, ended: Ended): void {
  const what = JSON.stringify({ ...call, input: call.input.slice(0, 1_000), ended });
  expect(ended.ms, what).toBeLessThan(SLOW_MS);
  expect(ended.stderr ?? '', what).toBe('');
  if (ended.exitCode === 0 && call.word === 'teardown') {
    expect(ended.stdout, what).toBe('');
    return;
  }
  expect(ended.stdout, what).toMatch(/^[^\n]+\n$/);
  const document = JSON.parse(ended.stdout);
  if (ended.exitCode === 0) {
    // No namespace of these can be attached.
    expect(call.word, what).toBe('create');
    // A network that wants IPv6 and names no subnet of it gets one.
    const subnets = expect.arrayContaining([expect.anything()]);
    expect(document, what).toMatchObject({ name: expect.any(String), subnets });
    return;
  }
  expect(ended.exitCode, what).toBe(1);
  expect(document, what).toEqual({ error: expect.any(String) });
  expect(document.error, what).not.toMatch(CONTROL);
  expect(document.error, what).not.toMatch(/^Cannot run (create|setup|teardown)/);
}

/** A machine that does something else for five seconds makes any call slow once, but not three times. */
async function throughExecutable(call: ServedCall, attempts = 3): Promise<void> {
  const { word, netns, input, env } = call;
  const words = [EXECUTABLE, word, netns];
  const ended = await machine.host.exec(words, {
    env: { PATH: '/usr/bin', ...env },
    input,
    timeoutMs: 30_000,
  });
  if (ended.ms >= SLOW_MS && attempts > 1) await throughExecutable(call, attempts - 1);
  else expectProtocol(call, ended);
}

describe('flatnet as a driver of netavark', () => {
  test(`answers ${THROUGH_EXECUTABLE} made-up calls`, { timeout: RUNS * MS_PER_RUN }, async () => {
    const several = fc.array(driverCall, { minLength: AT_ONCE, maxLength: AT_ONCE });
    const property = fc.asyncProperty(several, async (calls) => {
      await Promise.all(calls.map((call) => throughExecutable(call)));
    });
    await fc.assert(property, { numRuns: THROUGH_EXECUTABLE / AT_ONCE });
  });

  test(`answers ${RUNS} made-up calls inside a process`, { timeout: RUNS * MS_PER_RUN }, async () => {
    const worker = new URL('driver-worker.ts', import.meta.url).pathname;
    const successful = new Set<string>();
    for await (const line of inBatches(machine.host, worker)) {
      const { call, ended } = line as { call: ServedCall; ended: Ended };
      expectProtocol(call, ended);
      if (ended.exitCode === 0) successful.add(call.word);
    }
    // Not all are refused at the door.
    expect(successful).toEqual(new Set(['create', 'teardown']));
  });

  test('has nothing left of them, and attaches the next container', async () => {
    const left = await machine.state();
    expect(left.filter((line) => /link (fn|flatnet)|^allocation|\.lock|^nft/.test(line))).toEqual([]);
    for (const [, conf] of DRIVER_NETWORKS) {
      expectSuccess(await machine.call('ADD', { conf }));
      expectSuccess(await machine.call('DEL', { conf }));
    }
  });
});
