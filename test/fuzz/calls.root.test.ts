import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { createMachine, expectSuccess, type Machine } from '../faults/machine.ts';
import { type FuzzedCall, fuzzedCall } from './inputs.ts';

/** `npm run fuzz` sets 100,000. */
const RUNS = Number(process.env['FLATNET_FUZZ_RUNS'] ?? 2_000);
const THROUGH_EXECUTABLE = Math.ceil(RUNS / 10);
const PER_PROCESS = 5_000;
const MS_PER_RUN = 100;

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
  readonly ms: number;
}

/** What a terminal would obey. */
const CONTROL = /[\p{Cc}\p{Cf}]/u;

/** One document or, for a verb that succeeds without one, nothing; in time, and never "unforeseen". */
function expectProtocol({ env, input }: FuzzedCall, ended: Ended): void {
  const what = JSON.stringify({ env, input: input.slice(0, 500), ended });
  expect(ended.ms, what).toBeLessThan(5_000);
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

async function throughExecutable(call: FuzzedCall): Promise<void> {
  const env = { PATH: '/usr/sbin:/usr/bin', ...call.env };
  expectProtocol(call, await machine.host.exec([EXECUTABLE], { env, input: call.input, timeoutMs: 10_000 }));
}

/** Calls that one process serves, one after another. */
async function inOneProcess(seed: number, runs: number): Promise<void> {
  const worker = new URL('worker.ts', import.meta.url).pathname;
  const ended = await machine.host.exec([process.execPath, worker, String(seed), String(runs)], {
    timeoutMs: runs * MS_PER_RUN,
  });
  expect(ended.exitCode, `seed ${seed}\n${ended.stderr}`).toBe(0);
  const answers = ended.stdout.trimEnd().split('\n');
  expect(answers).toHaveLength(runs);
  for (const line of answers) {
    const { call, ended: one } = JSON.parse(line) as { call: FuzzedCall; ended: Ended };
    expectProtocol(call, one);
  }
}

describe('flatnet', () => {
  test(`answers ${THROUGH_EXECUTABLE} made-up calls`, { timeout: RUNS * MS_PER_RUN }, async () => {
    await fc.assert(fc.asyncProperty(fuzzedCall, throughExecutable), { numRuns: THROUGH_EXECUTABLE });
  });

  test(`answers ${RUNS} made-up calls inside a process`, { timeout: RUNS * MS_PER_RUN }, async () => {
    const [first = 0] = fc.sample(fc.nat(), 1);
    for (let done = 0; done < RUNS; done += PER_PROCESS) {
      await inOneProcess(first + done, Math.min(PER_PROCESS, RUNS - done));
    }
  });

  test('has nothing left of them, and attaches the next container', async () => {
    const left = await machine.state();
    expect(left.filter((line) => /link fn|^allocation|\.lock/.test(line))).toEqual([]);
    expectSuccess(await machine.call('ADD'));
    expectSuccess(await machine.call('DEL'));
  });
});
