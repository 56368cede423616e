import { ensure } from '../../case.ts';
import { describeReply, ensureEqual, ensureSuccess } from '../../expect.ts';
import { ensureUnchanged, ensureUnchangedSoon } from '../../expect.ts';
import { linksOf } from '../../inspect.ts';
import { randomId } from '../network.ts';
import { isShared, makesInterface, takes } from '../needs.ts';
import { sameContainer, secondNetwork } from '../second.ts';
import { bareAddresses } from '../status.ts';
import { presentOn } from './asked.ts';
import type { DriverCase, DriverFamily } from './types.ts';

const reverses: DriverCase[] = [
  {
    id: 'TEA-01',
    title: 'teardown leaves the sandbox as it was before setup',
    section: 'driverTeardown',
    severity: 'MUST',
    async run(bench) {
      const attachment = await bench.attachment();
      const before = await attachment.sandbox.snapshot();
      await bench.setup(attachment);
      await bench.teardown(attachment);
      const after = await attachment.sandbox.snapshot();
      ensureUnchanged(before, after, 'teardown left something in the sandbox');
    },
  },
  {
    id: 'TEA-02',
    title: 'teardown leaves nothing of the container on the host',
    section: 'driverTeardown',
    severity: 'MUST',
    async run(bench) {
      const before = await bench.warmUp();
      const { attachment } = await bench.setup(await bench.attachment());
      await bench.teardown(attachment);
      ensureUnchanged(before, await bench.host.snapshot(), 'teardown left something on the host');
    },
  },
  {
    id: 'TEA-03',
    title: 'teardown that succeeds prints nothing on standard output',
    section: 'driverTeardown',
    severity: 'SHOULD',
    async run(bench) {
      const { attachment } = await bench.setup(await bench.attachment());
      ensureEqual((await bench.teardown(attachment)).stdout.trim(), '', 'stdout of teardown');
    },
  },
  {
    id: 'TEA-04',
    title: 'teardown that succeeds says nothing on standard error',
    section: 'seenStderr',
    severity: 'SHOULD',
    async run(bench) {
      const { attachment } = await bench.setup(await bench.attachment());
      ensureEqual((await bench.teardown(attachment)).stderr, '', 'stderr of teardown');
    },
  },
  {
    id: 'TEA-05',
    title: 'teardown frees the address',
    section: 'driverTeardown',
    severity: 'MUST',
    needs: [takes('static_ips'), isShared],
    async run(bench) {
      const { attachment, status } = await bench.setup(await bench.attachment());
      await bench.teardown(attachment);
      await bench.setup(await bench.attachment({ ips: bareAddresses(status) }));
    },
  },
  {
    id: 'TEA-06',
    title: 'setup works again in the same namespace, with the address and the hardware address of before',
    section: 'seenReload',
    severity: 'SHOULD',
    needs: [takes('static_ips'), takes('static_mac'), makesInterface],
    async run(bench) {
      const { attachment, status } = await bench.setup(await bench.attachment());
      const mac = Object.values(status.interfaces ?? {})[0]?.mac_address ?? null;
      const again = { ...attachment, ips: bareAddresses(status), mac };
      for (let round = 0; round < 2; round += 1) {
        await bench.teardown(attachment);
        ensureEqual((await bench.setup(again)).status, status, 'The status block after a reload');
      }
    },
  },
];

const spares: DriverCase[] = [
  {
    id: 'TEA-11',
    title: 'teardown of one container leaves the other of the network alone',
    section: 'driverTeardown',
    severity: 'MUST',
    needs: [isShared],
    async run(bench) {
      const { attachment: stays } = await bench.setup(await bench.attachment());
      const [host, sandbox] = [await bench.host.snapshot(), await stays.sandbox.snapshot()];
      const { attachment } = await bench.setup(await bench.attachment());
      await bench.teardown(attachment);
      ensureUnchanged(sandbox, await stays.sandbox.snapshot(), 'teardown changed the other sandbox');
      ensureUnchanged(host, await bench.host.snapshot(), 'teardown changed what the host had');
    },
  },
  {
    id: 'TEA-12',
    title: 'teardown of one network leaves the other network of the container alone',
    section: 'driverTeardown',
    severity: 'MUST',
    needs: [isShared, makesInterface],
    async run(bench) {
      const { attachment: stays } = await bench.setup(await bench.attachment());
      const network = await secondNetwork(bench);
      const same = { ...sameContainer(stays), network, ifname: 'eth1' };
      const { attachment } = await bench.setup(await bench.attachment(same));
      const before = await presentOn(stays);
      await bench.teardown(attachment);
      const links = await linksOf(stays.sandbox);
      ensure(links.has('eth0') && !links.has('eth1'), `The sandbox has ${[...links.keys()].join(', ')}`);
      ensureEqual(await presentOn(stays), before, 'The addresses of "eth0"');
    },
  },
  {
    id: 'TEA-13',
    title: "teardown with the host's own namespace leaves its interfaces alone",
    section: 'seenUse',
    severity: 'SHOULD',
    async run(bench) {
      const attachment = await bench.attachment({ netns: `/proc/${bench.host.pid}/ns/net` });
      const before = await bench.host.snapshot();
      await bench.tryTeardown(attachment);
      ensureUnchanged(before, await bench.host.snapshot(), 'teardown changed the host');
    },
  },
];

const again: DriverCase[] = [
  {
    id: 'TEA-21',
    title: 'a second teardown succeeds and changes nothing',
    section: 'seenTeardown',
    severity: 'SHOULD',
    async run(bench) {
      const { attachment } = await bench.setup(await bench.attachment());
      await bench.teardown(attachment);
      const before = await bench.host.snapshot();
      ensureSuccess(await bench.tryTeardown(attachment), 'The second teardown');
      ensureUnchanged(before, await bench.host.snapshot(), 'The second teardown changed the host');
    },
  },
  {
    id: 'TEA-22',
    title: 'teardown of a container that was never set up succeeds',
    section: 'seenTeardown',
    severity: 'SHOULD',
    async run(bench) {
      ensureSuccess(await bench.tryTeardown(await bench.attachment()), 'teardown without setup');
    },
  },
  {
    id: 'TEA-23',
    title: 'teardown succeeds when the interface is gone, and leaves nothing on the host',
    section: 'seenTeardown',
    severity: 'SHOULD',
    needs: [makesInterface],
    async run(bench) {
      const before = await bench.warmUp();
      const { attachment, status } = await bench.setup(await bench.attachment());
      const name = Object.keys(status.interfaces ?? {})[0]!;
      await attachment.sandbox.run(['ip', 'link', 'delete', name]);
      ensureSuccess(await bench.tryTeardown(attachment), 'teardown without the interface');
      ensureUnchanged(before, await bench.host.snapshot(), 'teardown left something on the host');
    },
  },
  {
    id: 'TEA-24',
    title: 'teardown succeeds when the namespace is gone, and leaves nothing on the host',
    section: 'seenGone',
    severity: 'SHOULD',
    async run(bench) {
      const before = await bench.warmUp();
      const { attachment } = await bench.setup(await bench.attachment());
      await attachment.sandbox.remove();
      ensureSuccess(await bench.tryTeardown(attachment), 'teardown without the namespace');
      await ensureUnchangedSoon(before, bench.host, 'teardown left something on the host');
    },
  },
  {
    id: 'TEA-25',
    title: 'teardown knows a container that has another name now',
    section: 'seenTeardown',
    severity: 'SHOULD',
    async run(bench) {
      const before = await bench.warmUp();
      const { attachment } = await bench.setup(await bench.attachment());
      await bench.teardown({ ...attachment, containerName: 'renamed' });
      ensureUnchanged(before, await bench.host.snapshot(), 'teardown left something on the host');
    },
  },
  {
    id: 'TEA-26',
    title:
      'setup of a known container into a new namespace works: its teardown failed, or the machine restarted',
    section: 'seenAgain',
    severity: 'SHOULD',
    async run(bench) {
      const { attachment } = await bench.setup(await bench.attachment());
      await attachment.sandbox.remove();
      const { containerID, containerName, ips } = attachment;
      const next = await bench.attachment({ containerID, containerName, ips });
      const reply = ensureSuccess(await bench.trySetup(next), 'setup of a known container');
      ensure(reply.document !== undefined, `setup of a known container: ${describeReply(reply)}`);
    },
  },
  {
    id: 'TEA-27',
    title: 'teardown of an unknown container takes nothing from one that has the same name',
    section: 'seenTeardown',
    severity: 'SHOULD',
    needs: [makesInterface],
    async run(bench) {
      const { attachment } = await bench.setup(await bench.attachment());
      const before = await presentOn(attachment);
      const { containerName, network } = attachment;
      const other = await bench.attachment({ containerID: randomId(), containerName, network });
      await bench.tryTeardown(other);
      ensureEqual(await presentOn(attachment), before, 'The addresses of the container that stays');
    },
  },
];

export const teardownFamily: DriverFamily = {
  prefix: 'TEA',
  title: 'teardown',
  cases: [...reverses, ...spares, ...again],
};
