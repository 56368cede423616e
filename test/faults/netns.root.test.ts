import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RunningCommand } from '../../conformance/exec.ts';
import type { Sandbox } from '../../conformance/host.ts';
import { ensureExecutable } from '../executable.ts';
import { isPointless } from '../plain/way.ts';
import { type Bench, createBench, makeCold } from './bench.ts';
import { whenStopped } from './kill.ts';
import { CONF, expectError, expectSuccess } from './machine.ts';
import { EVERYTHING } from './pool.ts';
import { type Aim, aimAt, type FilePoint, inject, isNetlink, recordFiles, TRACE } from './syscalls.ts';

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

/** Where it is, nobody else gets anything, and nothing stays behind. */
async function expectAttachedOnce(): Promise<void> {
  const { machine, before } = bench;
  expect(await links(machine.sandbox)).toEqual(['eth0']);
  expect(await links(other)).toEqual([]);
  expect(withoutPairs(await links(machine.host))).toEqual(['flatnet-br0']);
  expectSuccess(await machine.call('DEL', { netns: LINK }));
  expect(await machine.state()).toEqual(before);
}

/** In a test run where a socket is opened or the sandbox entered: from there on a request goes where it goes. */
const isTried = (point: FilePoint) =>
  /^(socket|setns)$/.test(point.syscall) || (EVERYTHING && isNetlink(point));

/** Turns the link while flatnet stands still at one of its system calls. Returns where to look for it next, if missed. */
async function addWhileTurned(aim: Aim, target: string): Promise<Aim | undefined> {
  await turnTo(bench.machine.sandbox.path);
  const { answer, isHit, next } = await inject(
    bench.machine,
    { aim, fault: 'signal=STOP' },
    async (under) => {
      let isOver = false;
      const adding = bench.machine.call('ADD', { netns: LINK, under }).finally(() => (isOver = true));
      await whenStopped(
        bench,
        () => isOver,
        () => turnTo(target),
      );
      return adding;
    },
  );
  expectSuccess(answer);
  return isHit ? undefined : next;
}

const ATTEMPTS = 60;

const TARGETS: readonly [string, () => string][] = [
  ['for another sandbox', () => other.path],
  ['for the host', () => hostNetns()],
  ['for nothing', () => '/run/netns/absent'],
];

describe('a CNI_NETNS that is swapped while flatnet works', () => {
  test.each(EVERYTHING ? TARGETS : TARGETS.slice(1, 2))(
    '%s stays the sandbox that was looked at, at every command of the first ADD',
    async (_what, target) => {
      const { machine, tools } = bench;
      await makeCold(bench);
      const points = await tools.record(() => machine.call('ADD', { netns: LINK }));
      expect(points.length).toBeGreaterThan(0);
      expectSuccess(await machine.call('DEL', { netns: LINK }));
      await tools.setHook(`ln -sfn ${target()} ${LINK}`);
      for (const point of points) {
        await makeCold(bench);
        await turnTo(machine.sandbox.path);
        expectSuccess(await tools.disturb(point, 'hook', () => machine.call('ADD', { netns: LINK })));
        await expectAttachedOnce();
      }
    },
  );

  describe.skipIf(isPointless('flatnet itself neither opens a netlink socket nor enters the sandbox'))(
    'by netlink',
    () => {
      test.each(TARGETS)(
        '%s stays the sandbox that was looked at, wherever the kernel is asked',
        { timeout: 300_000 },
        async (_what, target) => {
          const { machine } = bench;
          const points = await recordFiles(machine, (under) => machine.call('ADD', { netns: LINK, under }));
          const tried = points.filter(isTried);
          expect(tried.map(({ syscall }) => syscall)).toEqual(expect.arrayContaining(['socket', 'setns']));
          await expectAttachedOnce();
          for (const point of tried) {
            let aim: Aim | undefined = aimAt(point);
            for (let attempt = 0; aim !== undefined && attempt < ATTEMPTS; attempt += 1) {
              aim = await addWhileTurned(aim, target());
              await expectAttachedOnce();
            }
            expect(aim, `never met: ${point.syscall} ${point.path}`).toBeUndefined();
          }
        },
      );
    },
  );

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

describe.skipIf(isPointless('flatnet itself does not enter it'))(
  'a sandbox that cannot be left again',
  () => {
    test.each(['DEL', 'GC'] as const)(
      'ends flatnet, which has given nothing away yet, and %s removes what it made',
      async (cleanup) => {
        const { machine, before } = bench;
        const under = ['strace', '-o', TRACE, '-e', 'inject=setns:error=ENOMEM:when=2'];
        const answer = await machine.call('ADD', { under });
        expect(await machine.host.run(['grep', '-c', 'setns.*ENOMEM.*INJECTED', TRACE])).toBe('1\n');
        expect(answer).toMatchObject({ exitCode: 1, stdout: '', stderr: '' });
        expect(await machine.state()).toContain('allocation flatnet/10.87.1.2');
        const nobody = { ...CONF, cniVersion: '1.1.0', 'cni.dev/valid-attachments': [] };
        expectSuccess(await machine.call(cleanup, cleanup === 'GC' ? { conf: nobody } : { netns: null }));
        expect(await machine.state()).toEqual(before);
      },
    );
  },
);

/** Turns the link to and fro as fast as it goes. */
function startTurning(...targets: readonly string[]): RunningCommand {
  const turns = targets.map((target) => `ln -s ${target} ${LINK}.new; mv -T ${LINK}.new ${LINK}`);
  return bench.machine.host.start(['sh', '-c', `while :; do ${turns.join('; ')}; done`], {
    timeoutMs: 300_000,
  });
}
