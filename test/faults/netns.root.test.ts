// Covers: sys/netns.ts
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RunningCommand } from '../../conformance/exec.ts';
import type { Sandbox } from '../../conformance/host.ts';
import { ensureExecutable } from '../executable.ts';
import { type Bench, createBench } from './bench.ts';
import { CONF, expectError, expectSuccess } from './machine.ts';

/*
 * Between the look at CNI_NETNS and its use the path may come to mean something else: the sandbox was unmounted and
 * another one mounted, a link was turned, a process number was given away anew.
 */

const LINK = '/run/the-sandbox';

let bench: Bench;
let other: Sandbox;

beforeAll(ensureExecutable);

beforeEach(async () => {
  bench = await createBench(CONF);
  other = await bench.machine.host.addSandbox();
  await turnTo(bench.machine.sandbox.path);
});

afterEach(() => bench[Symbol.asyncDispose]());

/** The namespace flatnet runs in; that of process 1 is the real machine's. */
const hostNetns = () => `/proc/${bench.machine.host.pid}/ns/net`;

const turnTo = (target: string) => bench.machine.host.run(['ln', '-sfn', target, LINK]);

/** The names of the interfaces in a place, without loopback. */
async function links(place: Pick<Sandbox, 'run'>): Promise<readonly string[]> {
  const shown = JSON.parse(await place.run(['ip', '-j', 'link', 'show'])) as readonly { ifname: string }[];
  return shown.map(({ ifname }) => ifname).filter((name) => name !== 'lo');
}

const withoutPairs = (names: readonly string[]) => names.filter((name) => !name.startsWith('fn'));

describe('a CNI_NETNS that is swapped while flatnet works', () => {
  test.each([
    ['for another sandbox', () => other.path],
    ['for the host', () => hostNetns()],
    ['for nothing', () => '/run/netns/absent'],
  ])('%s stays the sandbox that was looked at, at every command', async (_what, target) => {
    const { machine, tools, before } = bench;
    const points = await tools.record(() => machine.call('ADD', { netns: LINK }));
    expectSuccess(await machine.call('DEL', { netns: LINK }));
    await tools.setHook(`ln -sfn ${target()} ${LINK}`);
    for (const point of points) {
      await turnTo(machine.sandbox.path);
      const answer = await tools.disturb(point, 'hook', () => machine.call('ADD', { netns: LINK }));
      expectSuccess(answer);
      expect(await links(machine.sandbox)).toEqual(['eth0']);
      expect(await links(other)).toEqual([]);
      expect(withoutPairs(await links(machine.host))).toEqual(['flatnet-br0']);
      expectSuccess(await machine.call('DEL', { netns: LINK }));
      expect(await machine.state()).toEqual(before);
    }
  });

  test('again and again for the host never gets the host an interface', async () => {
    const { machine, before } = bench;
    const turning = startTurning(machine.sandbox.path, hostNetns());
    try {
      for (let round = 0; round < 8; round += 1) {
        const answer = await machine.call('ADD', { netns: LINK });
        if (answer.exitCode !== 0) expectError(answer, 103);
        expect(withoutPairs(await links(machine.host))).toEqual(['flatnet-br0']);
        expectSuccess(await machine.call('DEL', { netns: LINK }));
        expect(await machine.state()).toEqual(before);
      }
    } finally {
      turning.kill('SIGKILL');
      await turning.result;
    }
  });
});

/** Turns the link to and fro as fast as it goes. */
function startTurning(...targets: readonly string[]): RunningCommand {
  const turns = targets.map((target) => `ln -s ${target} ${LINK}.new; mv -T ${LINK}.new ${LINK}`);
  return bench.machine.host.start(['sh', '-c', `while :; do ${turns.join('; ')}; done`], {
    timeoutMs: 300_000,
  });
}
