import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { createMachine, expectSuccess, type Machine } from '../faults/machine.ts';
import { type FuzzedCall, fuzzedCall } from './inputs.ts';
import { CONTROL, inBatches, MS_PER_RUN, RUNS } from './runs.ts';

const AT_ONCE = 4;
const THROUGH_EXECUTABLE = AT_ONCE * Math.ceil(RUNS / 10 / AT_ONCE);
const SLOW_MS = 5_000;

let machine: Machine;

beforeAll(async () => {
  await ensureExecutable();
  machine = await createMachine();
});

afterAll(() => machine[Symbol.asyncDispose]());

interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Wall time of the executable, processor time inside a process that serves many calls. */
  readonly ms: number;
}

/** One document or, for a verb that succeeds without one, nothing; in time, and never "unforeseen". */
function expectProtocol({ env, input }: FuzzedCall, ended: Ended): void {
  const what = JSON.stringify({ env, input: input.slice(0, 500), ended });
  expect(ended.ms, what).toBeLessThan(SLOW_MS);
  expect(ended.stderr, what).not.toMatch(/\n\s+at /);
  if (ended.exitCode === 0) {
    if (ended.stdout !== '') expect(() => JSON.parse(ended.stdout) as unknown, what).not.toThrow();
    return;
  }
  expect(ended.exitCode, what).toBe(1);
  const document = JSON.parse(ended.stdout) as { code: number; msg: string; details?: string };
  expect(document, what).toMatchObject({ cniVersion: expect.any(String), msg: expect.any(String) });
  expect(Number.isSafeInteger(document.code) && document.code !== 999, what).toBe(true);
  expect(`${document.msg}${document.details ?? ''}`, what).not.toMatch(CONTROL);
}

/** A machine that does something else for five seconds makes any call slow once, but not three times. */
async function throughExecutable(call: FuzzedCall, attempts = 3): Promise<void> {
  const env = { PATH: '/usr/sbin:/usr/bin', ...call.env };
  const ended = await machine.host.exec([EXECUTABLE], { env, input: call.input, timeoutMs: 30_000 });
  if (ended.ms >= SLOW_MS && attempts > 1) await throughExecutable(call, attempts - 1);
  else expectProtocol(call, ended);
}

describe('flatnet', () => {
  test(`answers ${THROUGH_EXECUTABLE} made-up calls`, { timeout: RUNS * MS_PER_RUN }, async () => {
    const several = fc.array(fuzzedCall, { minLength: AT_ONCE, maxLength: AT_ONCE });
    const property = fc.asyncProperty(several, async (calls) => {
      await Promise.all(calls.map((call) => throughExecutable(call)));
    });
    await fc.assert(property, { numRuns: THROUGH_EXECUTABLE / AT_ONCE });
  });

  test(`answers ${RUNS} made-up calls inside a process`, { timeout: RUNS * MS_PER_RUN }, async () => {
    const worker = new URL('worker.ts', import.meta.url).pathname;
    for await (const line of inBatches(machine.host, worker)) {
      const { call, ended } = line as { call: FuzzedCall; ended: Ended };
      expectProtocol(call, ended);
    }
  });

  test('has nothing left of them, and attaches the next container', async () => {
    const left = await machine.state();
    expect(left.filter((line) => /link fn|^allocation|\.lock/.test(line))).toEqual([]);
    expectSuccess(await machine.call('ADD'));
    expectSuccess(await machine.call('DEL'));
  });
});
