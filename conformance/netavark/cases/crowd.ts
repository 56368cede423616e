import { readdir, readFile, stat } from 'node:fs/promises';
import { ensure } from '../../case.ts';
import { describeReply, ensureEqual, ensureSuccess } from '../../expect.ts';
import { ensureUnchanged, ensureUnchangedSoon } from '../../expect.ts';
import type { DriverBench } from '../bench.ts';
import { isShared } from '../needs.ts';
import type { DriverAttachment } from '../request.ts';
import { bareAddresses } from '../status.ts';
import type { DriverCase, DriverFamily } from './types.ts';

/** As many as a pod file or a compose file may start at a time. */
const CROWD = 10;

/** Number of interruptions of a setup, spread evenly over its duration. */
const MOMENTS = 4;

/** Longer than a setup may hold the lock under which Podman calls. */
const LIMIT_MS = 10_000;

async function crowd(bench: DriverBench): Promise<DriverAttachment[]> {
  const attachments: DriverAttachment[] = [];
  while (attachments.length < CROWD) attachments.push(await bench.attachment());
  return attachments;
}

/** Command lines of the processes in a host's mount namespace, by pid, without the one that holds it open. */
async function processesOf({ host }: DriverBench): Promise<Map<string, string>> {
  const own = (await stat(`/proc/${host.pid}/ns/mnt`)).ino;
  const found = new Map<string, string>();
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    // A process that ends meanwhile has neither.
    const ino = await stat(`/proc/${pid}/ns/mnt`).then(
      (entry) => entry.ino,
      () => undefined,
    );
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (ino === own && line !== '') found.set(pid, line.replaceAll('\0', ' ').trim());
  }
  return found;
}

/** Kills setups at several moments; `then` looks at what came of each. */
async function killSetups(
  bench: DriverBench,
  then: (attachment: DriverAttachment, when: string) => Promise<void>,
): Promise<void> {
  const first = await bench.attachment();
  const { reply } = await bench.setup(first);
  await bench.teardown(first);
  await first.sandbox.remove();
  for (let moment = 0; moment < MOMENTS; moment += 1) {
    const attachment = await bench.attachment();
    const after = (reply.ms * (moment + 0.5)) / MOMENTS;
    const call = bench.start('setup', attachment);
    const timer = setTimeout(() => {
      call.kill('SIGKILL');
    }, after);
    await call.reply;
    clearTimeout(timer);
    await then(attachment, `SIGKILL ${after.toFixed(0)} ms into a setup of ${reply.ms.toFixed(0)} ms`);
  }
}

const together: DriverCase[] = [
  {
    id: 'CON-01',
    title: `${CROWD} containers at once on a host that has never seen the network: all succeed, no address twice`,
    section: 'seenUse',
    severity: 'SHOULD',
    needs: [isShared],
    async run(bench) {
      const done = await Promise.all((await crowd(bench)).map((attachment) => bench.setup(attachment)));
      const given = done.flatMap(({ status }) => bareAddresses(status));
      const twice = given.filter((address, index) => given.indexOf(address) !== index);
      ensureEqual(twice, [], 'The addresses given out more than once');
    },
  },
  {
    id: 'CON-02',
    title: `${CROWD} containers leave at once: all succeed, nothing is left`,
    section: 'seenUse',
    severity: 'SHOULD',
    needs: [isShared],
    async run(bench) {
      const before = await bench.warmUp();
      const attachments = await crowd(bench);
      for (const attachment of attachments) await bench.setup(attachment);
      await Promise.all(attachments.map((attachment) => bench.teardown(attachment)));
      ensureUnchanged(before, await bench.host.snapshot(), 'The containers left something on the host');
    },
  },
];

const alone: DriverCase[] = [
  {
    id: 'CON-11',
    title: 'no command leaves a process that holds its output open: netavark waits for the end of it',
    section: 'driverOutput',
    severity: 'MUST',
    async run(bench) {
      const attachment = await bench.attachment();
      await bench.trySetup(attachment);
      await bench.tryTeardown(attachment);
      await bench.call(['info'], '');
      for (const reply of bench.calls) ensure(!reply.heldOpen, describeReply(reply));
    },
  },
  {
    id: 'CON-12',
    title: 'teardown of the last container leaves no process on the host',
    section: 'driverTeardown',
    severity: 'SHOULD',
    async run(bench) {
      const before = await processesOf(bench);
      const { attachment } = await bench.setup(await bench.attachment());
      await bench.teardown(attachment);
      const left = [...(await processesOf(bench))].filter(([pid]) => !before.has(pid));
      ensureEqual(
        left.map(([, line]) => line),
        [],
        'The processes that are left',
      );
    },
  },
  {
    id: 'CON-13',
    title: `setup and teardown answer within ${LIMIT_MS / 1000} s`,
    section: 'seenLock',
    severity: 'SHOULD',
    async run(bench) {
      const attachment = await bench.attachment();
      await bench.setup(attachment);
      await bench.teardown(attachment);
      for (const reply of bench.calls)
        ensure(reply.ms < LIMIT_MS, `${describeReply(reply)} after ${reply.ms.toFixed(0)} ms`);
    },
  },
];

const killed: DriverCase[] = [
  {
    id: 'CON-21',
    title: 'a killed setup holds nobody else up',
    section: 'seenKill',
    severity: 'SHOULD',
    needs: [isShared],
    run: (bench) =>
      killSetups(bench, async (_, when) => {
        const { reply } = await bench.setup(await bench.attachment());
        ensure(reply.ms < LIMIT_MS, `After ${when} the next setup took ${reply.ms.toFixed(0)} ms`);
      }),
  },
  {
    id: 'CON-22',
    title: 'teardown after a setup that was killed succeeds and leaves nothing on the host',
    section: 'seenKill',
    severity: 'SHOULD',
    async run(bench) {
      const before = await bench.warmUp();
      await killSetups(bench, async (attachment, when) => {
        ensureSuccess(await bench.tryTeardown(attachment), `teardown after ${when}`);
        await attachment.sandbox.remove();
        await ensureUnchangedSoon(before, bench.host, `teardown after ${when} left something on the host`);
      });
    },
  },
];

export const crowdFamily: DriverFamily = {
  prefix: 'CON',
  title: 'At once, in time, killed',
  cases: [...together, ...alone, ...killed],
};
