import { ensure } from '../../case.ts';
import { describeReply, ensureEqual } from '../../expect.ts';
import { globalAddresses, linksOf, routesOf } from '../../inspect.ts';
import { listen, reach } from '../../traffic.ts';
import { UPLINK } from '../../world.ts';
import { addressesFor, nthAddress } from '../addresses.ts';
import { choosesAddresses, isShared, makesInterface, takes } from '../needs.ts';
import type { DriverAttachment } from '../request.ts';
import { bareAddresses, type Status } from '../status.ts';
import { NAMED, NAMED6 } from './create.ts';
import type { DriverCase, DriverFamily } from './types.ts';

/** The addresses of an attachment's interface, without prefix. */
export async function presentOn({ sandbox, ifname }: DriverAttachment): Promise<string[]> {
  return globalAddresses((await linksOf(sandbox)).get(ifname)).map((address) => address.split('/')[0]!);
}

/** Fails the case unless interface and status block have these addresses and no others. */
async function ensureAddresses(
  attachment: DriverAttachment,
  status: Status,
  wanted: readonly string[],
): Promise<void> {
  const sorted = [...wanted].sort();
  ensureEqual((await presentOn(attachment)).sort(), sorted, `The addresses of "${attachment.ifname}"`);
  ensureEqual(bareAddresses(status).sort(), sorted, 'The addresses of the status block');
}

const addresses: DriverCase[] = [
  {
    id: 'ASK-01',
    title: 'the container has the address that "static_ips" names, and no other',
    section: 'driverSetup',
    severity: 'MUST',
    needs: [takes('static_ips'), makesInterface],
    async run(bench) {
      const plain = await bench.attachment();
      const ips = addressesFor(plain.network, 50).slice(0, 1);
      const { attachment, status } = await bench.setup({ ...plain, ips });
      const present = await presentOn(attachment);
      ensure(present.includes(ips[0]!), `"eth0" has ${present.join(', ')}, wanted ${ips[0]!}`);
      ensure(
        bareAddresses(status).includes(ips[0]!),
        `The status block has ${bareAddresses(status).join(', ')}`,
      );
    },
  },
  {
    id: 'ASK-02',
    title: 'each of several "static_ips" is the address of its subnet',
    section: 'driverSetup',
    severity: 'MUST',
    needs: [takes('static_ips'), takes('ipv6'), makesInterface],
    async run(bench) {
      const network = await bench.create({ subnets: [NAMED, NAMED6] });
      const ips = addressesFor(network, 50);
      const { attachment, status } = await bench.setup(await bench.attachment({ network, ips }));
      await ensureAddresses(attachment, status, ips);
    },
  },
  {
    id: 'ASK-03',
    title: 'several "static_ips" of one subnet are all given',
    section: 'driverSetup',
    severity: 'MUST',
    needs: [takes('static_ips'), takes('subnets'), makesInterface],
    async run(bench) {
      const other = { subnet: '10.212.0.0/24' };
      const network = await bench.create({ subnets: [NAMED, other] });
      const ips = [nthAddress(NAMED.subnet, 50), nthAddress(NAMED.subnet, 51), nthAddress(other.subnet, 100)];
      const { attachment, status } = await bench.setup(await bench.attachment({ network, ips }));
      await ensureAddresses(attachment, status, ips);
    },
  },
  {
    id: 'ASK-04',
    title: 'an address that another container has is refused, and stays with it',
    section: 'seenUse',
    severity: 'SHOULD',
    needs: [takes('static_ips'), choosesAddresses, isShared],
    async run(bench) {
      const first = await bench.setup(await bench.attachment());
      const ips = bareAddresses(first.status);
      const reply = await bench.trySetup(await bench.attachment({ ips }));
      ensure(reply.exitCode !== 0, `setup with the address of another container: ${describeReply(reply)}`);
      ensureEqual(await presentOn(first.attachment), ips, 'The addresses of the first container');
    },
  },
  {
    id: 'ASK-05',
    title: 'an address that is in no subnet of the network is refused',
    section: 'driverSetup',
    severity: 'SHOULD',
    needs: [takes('static_ips'), choosesAddresses],
    async run(bench) {
      const reply = await bench.trySetup(await bench.attachment({ ips: ['198.51.100.7'] }));
      ensure(reply.exitCode !== 0, `setup with an address of no subnet: ${describeReply(reply)}`);
    },
  },
];

const MAC = '0a:c0:ff:ee:00:07';

const rest: DriverCase[] = [
  {
    id: 'ASK-11',
    title: 'the interface has the hardware address that "static_mac" names',
    section: 'driverSetup',
    severity: 'MUST',
    needs: [takes('static_mac'), makesInterface],
    async run(bench) {
      const { attachment, status } = await bench.setup(await bench.attachment({ mac: MAC }));
      ensureEqual((await linksOf(attachment.sandbox)).get('eth0')?.address, MAC, 'The hardware address');
      ensureEqual(status.interfaces?.['eth0']?.mac_address.toLowerCase(), MAC, '"mac_address"');
    },
  },
  {
    id: 'ASK-12',
    title: 'the container has the routes of the network, with their metric',
    section: 'driverNetwork',
    severity: 'MUST',
    needs: [takes('routes'), takes('subnets'), makesInterface],
    async run(bench) {
      const route = { destination: '198.51.100.0/24', gateway: '10.211.0.9', metric: 77 };
      const network = await bench.create({ subnets: [NAMED], routes: [route] });
      const { attachment } = await bench.setup(await bench.attachment({ network }));
      const found = (await routesOf(attachment.sandbox)).find(({ dst }) => dst === route.destination);
      const { gateway, metric } = { ...found } as { gateway?: string; metric?: number };
      ensureEqual(
        { gateway, metric },
        { gateway: route.gateway, metric: 77 },
        'The route to 198.51.100.0/24',
      );
    },
  },
  {
    id: 'ASK-13',
    title: 'a container in an "internal" network has no way out',
    section: 'driverNetwork',
    severity: 'MUST',
    needs: [takes('internal'), makesInterface],
    async run(bench) {
      const network = await bench.create({ internal: true });
      const { attachment } = await bench.setup(await bench.attachment({ network }));
      const routes = (await routesOf(attachment.sandbox)).filter(({ dst }) => dst.endsWith('/0'));
      ensureEqual(routes, [], 'The default routes');
      // Whoever sets one by hand gets no further.
      const { sandbox, ifname } = attachment;
      const gateway = (network.subnets ?? [])[0]?.gateway;
      await sandbox.exec(['ip', 'route', 'add', 'default', ...via(gateway), 'dev', ifname]);
      await listen(bench.host.outside, UPLINK.neighbour);
      await bench.host.outside.run(['ip', 'route', 'add', 'default', 'via', UPLINK.address]);
      const seen = await reach(sandbox, { address: UPLINK.neighbour, withinMs: 300 });
      ensureEqual(seen, undefined, 'The sender that the outside sees');
    },
  },
];

const via = (gateway: string | null | undefined): string[] =>
  gateway === undefined || gateway === null ? [] : ['via', gateway];

export const askedFamily: DriverFamily = {
  prefix: 'ASK',
  title: 'What the user asks for',
  cases: [...addresses, ...rest],
};
