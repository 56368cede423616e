import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureExecutable } from '../executable.ts';
import { type Conf, createMachine, expectError, expectSuccess, type Machine } from './machine.ts';
import { NETWORKS } from './networks.ts';
import { EVERYTHING } from './pool.ts';
import { type Mode, type Point, type Tools, wrapTools } from './tools.ts';

const TOOLS = ['/usr/bin/ip', '/usr/sbin/nft', '/usr/bin/nsenter', '/usr/lib/cni/host-local'];

interface Bench {
  readonly machine: Machine;
  readonly tools: Tools;
  readonly before: readonly string[];
}

async function createBench(conf: Conf): Promise<Bench> {
  const machine = await createMachine();
  const tools = await wrapTools(machine, TOOLS);
  expectSuccess(await machine.call('ADD', { conf }));
  expectSuccess(await machine.call('DEL', { conf }));
  return { machine, tools, before: await machine.state() };
}

/** As before the first container: no bridge, no table. */
async function makeCold({ machine }: Bench): Promise<void> {
  await machine.host.exec(['ip', 'link', 'del', 'flatnet-br0']);
  await machine.host.exec(['nft', 'delete table inet flatnet']);
}

async function recordAdd(bench: Bench, conf: Conf): Promise<readonly Point[]> {
  await makeCold(bench);
  const points = await bench.tools.record(() => bench.machine.call('ADD', { conf }));
  expectSuccess(await bench.machine.call('DEL', { conf }));
  return points;
}

async function recordDel(bench: Bench, conf: Conf): Promise<readonly Point[]> {
  expectSuccess(await bench.machine.call('ADD', { conf }));
  return bench.tools.record(() => bench.machine.call('DEL', { conf }));
}

/** Every failed ADD leaves nothing; every ADD can be taken back. */
async function disturbAdd(bench: Bench, conf: Conf, [point, mode]: readonly [Point, Mode]): Promise<void> {
  const { machine, tools, before } = bench;
  const what = `ADD with ${mode} of ${point.tool} ${point.words}`;
  await makeCold(bench);
  const answer = await tools.disturb(point, mode, () => machine.call('ADD', { conf }));
  expect(answer.ms, what).toBeLessThan(mode === 'stop' ? 60_000 : 30_000);
  if (answer.exitCode !== 0 && !mode.includes('KILL')) {
    expectError(answer);
    expect(await machine.state(), what).toEqual(before);
  }
  expectSuccess(await machine.call('DEL', { conf, netns: null }));
  expect(await machine.state(), `DEL after ${what}`).toEqual(before);
}

/** Where another plugin gives the addresses, DEL fails with it (SPEC section 4). */
const isDelegated = (conf: Conf) => (conf['ipam'] as Conf | undefined)?.['type'] !== undefined;

/** A DEL in trouble still answers well, and the next one finishes its work. */
async function disturbDel(bench: Bench, conf: Conf, [point, mode]: readonly [Point, Mode]): Promise<void> {
  const { machine, tools, before } = bench;
  const what = `DEL with ${mode} of ${point.tool} ${point.words}`;
  expectSuccess(await machine.call('ADD', { conf }));
  const answer = await tools.disturb(point, mode, () => machine.call('DEL', { conf, netns: null }));
  expect(answer.ms, what).toBeLessThan(mode === 'stop' ? 60_000 : 30_000);
  if (mode.includes('KILL')) expect(answer.exitCode, what).not.toBe(0);
  else if (answer.exitCode !== 0 && isDelegated(conf)) expectError(answer);
  else expectSuccess(answer);
  if (/TERM|INT|HUP/.test(mode) && answer.exitCode === 0) expect(await machine.state(), what).toEqual(before);
  expectSuccess(await machine.call('DEL', { conf, netns: null }));
  expect(await machine.state(), `DEL after ${what}`).toEqual(before);
}

/** Everything for the first network, and of the others, in a test run, the one fault that says most. */
function modes(all: readonly Mode[], name: string, few: readonly Mode[] = []): readonly Mode[] {
  return EVERYTHING || name === NETWORKS[0]?.[0] ? all : few;
}

const FAULTS: readonly Mode[] = [
  'fail',
  'lie',
  'babble',
  'linger',
  ...(EVERYTHING ? (['crash'] as const) : []),
];
const SIGNALS: readonly Mode[] = [
  'KILL',
  'after-KILL',
  'TERM',
  ...(EVERYTHING ? (['after-TERM', 'INT', 'after-HUP'] as const) : []),
];
const SLOW: readonly Mode[] = ['hang', 'stop'];

function combine(points: readonly Point[], modes: readonly Mode[]): [Point, Mode][] {
  return points.flatMap((point) => modes.map((mode): [Point, Mode] => [point, mode]));
}

describe.each(NETWORKS)('%s', (network, conf) => {
  let bench: Bench;
  let adding: readonly Point[];
  let deleting: readonly Point[];

  beforeAll(async () => {
    await ensureExecutable();
    bench = await createBench(conf);
    adding = await recordAdd(bench, conf);
    deleting = await recordDel(bench, conf);
  });

  afterAll(() => bench.machine[Symbol.asyncDispose]());

  test('the recorded runs have the commands that there are', () => {
    expect(adding.map(({ tool }) => tool)).toEqual(expect.arrayContaining(['ip', 'nft', 'nsenter']));
    expect(deleting.map(({ words }) => words).join('\n')).toContain('link del');
  });

  test.each(modes(FAULTS, network, ['lie']))(
    'ADD leaves nothing when any one command does %s',
    { timeout: 120_000 },
    async (mode) => {
      for (const each of combine(adding, [mode])) await disturbAdd(bench, conf, each);
    },
  );

  test.each(modes(FAULTS, network, ['lie']))(
    'DEL succeeds and can be repeated when any one command does %s',
    { timeout: 120_000 },
    async (mode) => {
      for (const each of combine(deleting, [mode])) await disturbDel(bench, conf, each);
    },
  );

  test.each(modes(SIGNALS, network))(
    'ADD can be undone when %s comes at any one command',
    { timeout: 120_000 },
    async (mode) => {
      for (const each of combine(adding, [mode])) await disturbAdd(bench, conf, each);
    },
  );

  test.each(modes(SIGNALS, network))(
    'DEL can be finished when %s comes at any one command',
    { timeout: 120_000 },
    async (mode) => {
      for (const each of combine(deleting, [mode])) await disturbDel(bench, conf, each);
    },
  );

  test(
    'ADD and DEL end in time when any one command hangs or flatnet is stopped',
    { timeout: 300_000 },
    async () => {
      const slow = [
        ...combine(adding, modes(SLOW, network)).map((each) => ({ disturb: disturbAdd, each })),
        ...combine(deleting, modes(SLOW, network)).map((each) => ({ disturb: disturbDel, each })),
      ];
      await Promise.all(
        slow.map(async ({ disturb, each }) => {
          const own = await createBench(conf);
          try {
            await disturb(own, conf, each);
          } finally {
            await own.machine[Symbol.asyncDispose]();
          }
        }),
      );
    },
  );
});
