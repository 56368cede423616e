import { ensure } from '../../case.ts';
import { describeReply, ensureEqual, ensureUnchanged } from '../../expect.ts';
import { listen, reach } from '../../traffic.ts';
import { UPLINK } from '../../world.ts';
import type { DriverBench } from '../bench.ts';
import { givesAddress, isShared, takes } from '../needs.ts';
import type { DriverAttachment, PortMapping } from '../request.ts';
import { sameContainer, secondNetwork } from '../second.ts';
import type { DriverCase, DriverFamily } from './types.ts';

const HOST_PORT = 18_080;

/** A mapping as `-p 18080:8080` makes it. */
const mapping = (changes: Partial<PortMapping> = {}): PortMapping => ({
  container_port: 8080,
  host_ip: '',
  host_port: HOST_PORT,
  protocol: 'tcp',
  range: 1,
  ...changes,
});

/** A container with a published port that answers. */
async function publish(bench: DriverBench, changes?: Partial<PortMapping>): Promise<DriverAttachment> {
  const { attachment } = await bench.setup(await bench.attachment({ ports: [mapping(changes)] }));
  await listen(attachment.sandbox);
  return attachment;
}

interface Knock {
  readonly port?: number;
  readonly protocol?: 'tcp' | 'udp';
}

/** Fails the case unless the neighbour of the host has an answer from a port of the host. */
async function ensureOpen(
  { host }: DriverBench,
  { port = HOST_PORT, protocol = 'tcp' }: Knock = {},
): Promise<void> {
  const seen = await reach(host.outside, { address: UPLINK.address, port, protocol });
  ensure(seen !== undefined, `${protocol} port ${port} of the host does not lead to the container`);
}

async function ensureShut({ host }: DriverBench, port = HOST_PORT): Promise<void> {
  const seen = await reach(host.outside, { address: UPLINK.address, port, withinMs: 300 });
  ensureEqual(seen, undefined, `The answer from port ${port} of the host`);
}

const needs = [takes('port_mappings'), givesAddress];

const cases: DriverCase[] = [
  {
    id: 'PRT-01',
    title: 'a TCP port of the host leads to the port of the container',
    section: 'driverPorts',
    severity: 'MUST',
    needs,
    async run(bench) {
      await publish(bench);
      await ensureOpen(bench);
    },
  },
  {
    id: 'PRT-02',
    title: 'a UDP port of the host leads to the port of the container, and not the TCP port',
    section: 'driverPorts',
    severity: 'MUST',
    needs,
    async run(bench) {
      await publish(bench, { protocol: 'udp' });
      await ensureOpen(bench, { protocol: 'udp' });
      await ensureShut(bench);
    },
  },
  {
    id: 'PRT-03',
    title: 'every port of a "range" leads to the one as far from the first in the container',
    section: 'driverPorts',
    severity: 'MUST',
    needs,
    async run(bench) {
      const attachment = await publish(bench, { range: 3 });
      await listen(attachment.sandbox, '0.0.0.0', 8082);
      await ensureOpen(bench);
      await ensureOpen(bench, { port: HOST_PORT + 2 });
    },
  },
  {
    id: 'PRT-04',
    title: '"protocol" may be several, with commas between',
    section: 'driverPorts',
    severity: 'MUST',
    needs,
    async run(bench) {
      await publish(bench, { protocol: 'tcp,udp' });
      await ensureOpen(bench);
      await ensureOpen(bench, { protocol: 'udp' });
    },
  },
  {
    id: 'PRT-05',
    title: 'an empty "protocol" is TCP, a "range" of 0 is one port',
    section: 'driverPorts',
    severity: 'MUST',
    needs,
    async run(bench) {
      await publish(bench, { protocol: '', range: 0 });
      await ensureOpen(bench);
    },
  },
  {
    id: 'PRT-06',
    title: 'with "host_ip", the port is open on that address and on no other',
    section: 'driverPorts',
    severity: 'MUST',
    needs,
    async run(bench) {
      await bench.host.run(['ip', 'address', 'add', '192.0.2.3/24', 'dev', UPLINK.device]);
      await publish(bench, { host_ip: '192.0.2.3' });
      const seen = await reach(bench.host.outside, { address: '192.0.2.3', port: HOST_PORT });
      ensure(seen !== undefined, 'The port is not open on 192.0.2.3, which "host_ip" names');
      await ensureShut(bench);
    },
  },
  {
    id: 'PRT-07',
    title: 'the host itself reaches the port at its own address',
    section: 'seenUse',
    severity: 'SHOULD',
    needs,
    async run(bench) {
      await publish(bench);
      const seen = await reach(bench.host, { address: UPLINK.address, port: HOST_PORT });
      ensure(seen !== undefined, `The host has no answer from ${UPLINK.address}:${HOST_PORT}`);
    },
  },
  {
    id: 'PRT-08',
    title: 'teardown closes the port and leaves nothing of it on the host',
    section: 'driverTeardown',
    severity: 'MUST',
    needs,
    async run(bench) {
      const before = await bench.warmUp({ ports: [mapping({ host_port: HOST_PORT + 10 })] });
      const attachment = await publish(bench);
      await bench.teardown(attachment);
      await ensureShut(bench);
      await attachment.sandbox.remove();
      ensureUnchanged(before, await bench.host.snapshot(), 'teardown left something on the host');
    },
  },
  {
    id: 'PRT-09',
    title: 'two networks of one container get the same ports, which lead to it',
    section: 'seenPorts',
    severity: 'SHOULD',
    needs: [...needs, isShared],
    async run(bench) {
      const first = await publish(bench);
      const network = await secondNetwork(bench);
      const { ports } = first;
      const same = sameContainer(first);
      await bench.setup(await bench.attachment({ ...same, network, ports, ifname: 'eth1' }));
      await ensureOpen(bench);
    },
  },
  {
    id: 'PRT-10',
    title: 'a port of another container is refused, and goes on leading to the other',
    section: 'seenUse',
    severity: 'SHOULD',
    needs: [...needs, isShared],
    async run(bench) {
      await publish(bench);
      const reply = await bench.trySetup(await bench.attachment({ ports: [mapping()] }));
      ensure(reply.exitCode !== 0, `setup with the port of another container: ${describeReply(reply)}`);
      await ensureOpen(bench);
    },
  },
];

export const portsFamily: DriverFamily = { prefix: 'PRT', title: 'Published ports', cases };
