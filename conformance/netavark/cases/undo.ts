import { ensure } from '../../case.ts';
import { describeReply, ensureEqual, ensureUnchanged } from '../../expect.ts';
import { addressesFor } from '../addresses.ts';
import type { DriverBench } from '../bench.ts';
import { choosesAddresses, isShared, makesInterface, takes } from '../needs.ts';
import type { DriverAttachment, PortMapping } from '../request.ts';
import { NAMED } from './create.ts';
import type { DriverCase, DriverFamily } from './types.ts';

/** Fails the case unless the setup fails and leaves host and sandbox as they were. */
async function ensureUndone(bench: DriverBench, attachment: DriverAttachment, when: string): Promise<void> {
  const { sandbox } = attachment;
  const [host, inside] = [await bench.host.snapshot(), await sandbox.snapshot()];
  const reply = await bench.trySetup(attachment);
  ensure(reply.exitCode !== 0 && !reply.timedOut, `${when}: ${describeReply(reply)}; wanted an error`);
  ensureUnchanged(inside, await sandbox.snapshot(), 'The failed setup left something in the sandbox');
  ensureUnchanged(host, await bench.host.snapshot(), 'The failed setup left something on the host');
}

/** An interface of somebody else's with the name that the driver is to use. */
async function occupy({ sandbox, ifname }: DriverAttachment): Promise<void> {
  await sandbox.run(['ip', 'link', 'add', ifname, 'type', 'bridge']);
}

const PORT: PortMapping = {
  container_port: 8080,
  host_ip: '',
  host_port: 18_080,
  protocol: 'tcp',
  range: 1,
};

const cases: DriverCase[] = [
  {
    id: 'UND-01',
    title: 'setup that fails because the sandbox has an interface of that name undoes everything',
    section: 'seenUndo',
    severity: 'SHOULD',
    needs: [makesInterface],
    async run(bench) {
      await bench.warmUp();
      const attachment = await bench.attachment();
      await occupy(attachment);
      await ensureUndone(bench, attachment, 'setup with an interface name in use');
    },
  },
  {
    id: 'UND-02',
    title: 'setup that fails because there is no such namespace undoes everything',
    section: 'seenUndo',
    severity: 'SHOULD',
    needs: [makesInterface],
    async run(bench) {
      await bench.warmUp();
      const attachment = await bench.attachment({ netns: '/run/netns/absent' });
      await ensureUndone(bench, attachment, 'setup into a path that does not exist');
    },
  },
  {
    id: 'UND-03',
    title: 'setup that fails gives its address back',
    section: 'seenUndo',
    severity: 'SHOULD',
    needs: [makesInterface, takes('static_ips'), isShared],
    async run(bench) {
      const plain = await bench.attachment();
      const ips = addressesFor(plain.network, 50);
      await occupy(plain);
      const reply = await bench.trySetup({ ...plain, ips });
      ensure(reply.exitCode !== 0, `setup with an interface name in use: ${describeReply(reply)}`);
      await bench.setup(await bench.attachment({ ips }));
    },
  },
  {
    id: 'UND-04',
    title: 'setup that fails for its address undoes everything',
    section: 'seenUndo',
    severity: 'SHOULD',
    needs: [takes('static_ips'), choosesAddresses],
    async run(bench) {
      await bench.warmUp();
      const attachment = await bench.attachment({ ips: ['198.51.100.7'] });
      await ensureUndone(bench, attachment, 'setup with an address of no subnet');
    },
  },
  {
    id: 'UND-05',
    title: 'setup that fails for a route undoes everything',
    section: 'seenUndo',
    severity: 'SHOULD',
    needs: [takes('routes'), takes('subnets')],
    async run(bench) {
      const network = await bench.create({ subnets: [NAMED] });
      await bench.warmUp({ network });
      // `create` may refuse it; a file of a network can be edited by hand.
      const routes = [{ destination: '198.51.100.0/24', gateway: '203.0.113.9', metric: null }];
      const attachment = await bench.attachment({ network: { ...network, routes } });
      await ensureUndone(bench, attachment, 'setup with a route through nowhere');
    },
  },
  {
    id: 'UND-06',
    title: 'setup that fails for a port undoes everything',
    section: 'seenUndo',
    severity: 'SHOULD',
    needs: [takes('port_mappings'), isShared],
    async run(bench) {
      await bench.setup(await bench.attachment({ ports: [PORT] }));
      await ensureUndone(
        bench,
        await bench.attachment({ ports: [PORT] }),
        'setup with the port of another container',
      );
    },
  },
  {
    id: 'UND-07',
    title: 'a second setup of the same container is refused and leaves the first as it is',
    section: 'seenUse',
    severity: 'SHOULD',
    needs: [makesInterface],
    async run(bench) {
      const { attachment } = await bench.setup(await bench.attachment());
      await ensureUndone(bench, attachment, 'setup for the second time');
    },
  },
  {
    id: 'UND-08',
    title: "setup into the host's own namespace is refused and leaves the host as it is",
    section: 'seenUse',
    severity: 'SHOULD',
    needs: [makesInterface],
    async run(bench) {
      await bench.warmUp();
      const before = await bench.host.snapshot();
      const attachment = await bench.attachment({ netns: `/proc/${bench.host.pid}/ns/net`, ifname: 'net7' });
      const reply = await bench.trySetup(attachment);
      ensureUnchanged(before, await bench.host.snapshot(), 'setup changed the host');
      ensureEqual(reply.exitCode === 0, false, 'Whether setup into the namespace of the host succeeds');
    },
  },
];

export const undoFamily: DriverFamily = { prefix: 'UND', title: 'Failed setup', cases };
