import { isIP } from 'node:net';
import { ensure } from '../../case.ts';
import { describeReply, ensureEqual, ensureUnchanged } from '../../expect.ts';
import { isInside } from '../addresses.ts';
import type { Fields } from '../driver.ts';
import { choosesSubnet, takes } from '../needs.ts';
import { randomId, type Network, type Subnet } from '../network.ts';
import { networkErrors } from '../status.ts';
import { ensureOneObject } from './info.ts';
import type { DriverCase, DriverFamily } from './types.ts';

/** Subnets that the user names; no host of the suite has them. */
export const NAMED: Subnet = { subnet: '10.211.0.0/24' };
export const NAMED6: Subnet = { subnet: 'fd00:211::/64' };

const subnetsOf = ({ subnets }: Network): readonly Subnet[] => subnets ?? [];

/** Fails the case unless every subnet has a gateway in it, which is an address of its own. */
function ensureGateways(network: Network): void {
  for (const { subnet, gateway } of subnetsOf(network)) {
    ensure(
      typeof gateway === 'string' && isInside(gateway, subnet) && gateway !== subnet.split('/')[0],
      `The gateway of ${subnet} is ${JSON.stringify(gateway)}, wanted an address in it`,
    );
  }
}

const answers: DriverCase[] = [
  {
    id: 'CRE-01',
    title: 'create prints one JSON object and nothing else on standard output',
    section: 'driverCreate',
    severity: 'MUST',
    async run(bench) {
      ensureOneObject(await bench.tryCreate());
    },
  },
  {
    id: 'CRE-02',
    title: 'create changes neither name nor id nor driver, whatever they look like',
    section: 'driverCreate',
    severity: 'MUST',
    async run(bench) {
      const wanted = { name: 'Net_1.of-the.suite', id: randomId(), driver: bench.subject.type };
      const { name, id, driver } = await bench.create({ name: wanted.name, id: wanted.id });
      ensureEqual({ name, id, driver }, wanted, 'What create must not change');
    },
  },
  {
    id: 'CRE-03',
    title: 'the answer of create is a network: what is no option is there, and everything has its type',
    section: 'driverNetwork',
    severity: 'MUST',
    async run(bench) {
      const { document } = await bench.tryCreate();
      ensureEqual(networkErrors(document), [], 'What is wrong with the network');
    },
  },
  {
    id: 'CRE-04',
    title: 'create hands labels back',
    section: 'seenAnswer',
    severity: 'SHOULD',
    async run(bench) {
      const labels = { 'org.example.owner': 'conformance', empty: '' };
      ensureEqual((await bench.create({ labels }))['labels'], labels, '"labels"');
    },
  },
  {
    id: 'CRE-05',
    title: 'create hands back a key that only a newer Podman has',
    section: 'seenAnswer',
    severity: 'SHOULD',
    async run(bench) {
      const { document } = await bench.tryCreate({ conformance_key: { list: [1, 'two'] } });
      const key = ((document ?? {}) as Fields)['conformance_key'];
      ensureEqual(key, { list: [1, 'two'] }, '"conformance_key"');
    },
  },
  {
    id: 'CRE-06',
    title: 'create says "ipv6_enabled" when, and only when, a subnet is of IPv6',
    section: 'driverNetwork',
    severity: 'MUST',
    needs: [takes('ipv6')],
    async run(bench) {
      for (const subnets of [[NAMED], [{ subnet: '10.212.0.0/24' }, NAMED6]]) {
        const network = await bench.create({ name: `net${subnets.length}`, subnets });
        const hasSix = subnetsOf(network).some(({ subnet }) => isIP(subnet.split('/')[0]!) === 6);
        ensureEqual(network.ipv6_enabled, hasSix, `"ipv6_enabled" with ${JSON.stringify(network.subnets)}`);
      }
    },
  },
];

const subnets: DriverCase[] = [
  {
    id: 'CRE-11',
    title: 'create keeps subnet, gateway and lease range that the user named',
    section: 'driverCreate',
    severity: 'SHOULD',
    needs: [takes('subnets')],
    async run(bench) {
      const lease = { start_ip: '10.211.0.20', end_ip: '10.211.0.30' };
      const named = { ...NAMED, gateway: '10.211.0.9', lease_range: lease };
      ensureEqual((await bench.create({ subnets: [named] })).subnets, [named], '"subnets"');
    },
  },
  {
    id: 'CRE-12',
    title: 'create gives every subnet without a gateway one in it',
    section: 'seenAnswer',
    severity: 'SHOULD',
    needs: [takes('subnets')],
    async run(bench) {
      ensureGateways(await bench.create({ subnets: [NAMED, { subnet: '10.212.0.0/24' }] }));
    },
  },
  {
    id: 'CRE-13',
    title: 'a subnet that create chooses has a gateway in it',
    section: 'seenAnswer',
    severity: 'SHOULD',
    needs: [choosesSubnet],
    async run(bench) {
      ensureGateways(await bench.create());
    },
  },
  {
    id: 'CRE-14',
    title: 'with "ipv6_enabled" and no subnet, create chooses one of IPv6 too',
    section: 'seenClash',
    severity: 'SHOULD',
    needs: [choosesSubnet, takes('ipv6')],
    async run(bench) {
      const network = await bench.create({ ipv6_enabled: true });
      const families = subnetsOf(network).map(({ subnet }) => isIP(subnet.split('/')[0]!));
      ensureEqual(families.sort(), [4, 6], 'The families of the subnets');
      ensureGateways(network);
    },
  },
  {
    id: 'CRE-15',
    title: 'two networks for which create chooses get subnets that do not overlap',
    section: 'seenClash',
    severity: 'SHOULD',
    needs: [choosesSubnet],
    async run(bench) {
      const [first, second] = [await bench.create({ name: 'first' }), await bench.create({ name: 'second' })];
      const [one, two] = [subnetsOf(first), subnetsOf(second)].map(([entry]) => entry?.subnet ?? '');
      ensure(one !== two && !isInside(one!.split('/')[0]!, two!), `Both networks have ${one!} and ${two!}`);
    },
  },
  {
    id: 'CRE-16',
    title: 'create refuses a subnet that another network has',
    section: 'seenClash',
    severity: 'SHOULD',
    needs: [takes('subnets')],
    async run(bench) {
      await bench.create({ name: 'first', subnets: [NAMED] });
      const reply = await bench.tryCreate({ name: 'second', subnets: [{ subnet: '10.211.0.0/25' }] });
      ensure(reply.exitCode !== 0, `create of a network in the subnet of another: ${describeReply(reply)}`);
    },
  },
  {
    id: 'CRE-17',
    title: 'create refuses a gateway and a lease range that are not in the subnet',
    section: 'driverCreate',
    severity: 'MUST',
    needs: [takes('subnets')],
    async run(bench) {
      const lease = { start_ip: '10.212.0.20', end_ip: '10.212.0.30' };
      for (const wrong of [{ gateway: '10.212.0.1' }, { lease_range: lease }]) {
        const reply = await bench.tryCreate({ subnets: [{ ...NAMED, ...wrong }] });
        ensure(reply.exitCode !== 0, `create with ${JSON.stringify(wrong)}: ${describeReply(reply)}`);
      }
    },
  },
];

const quiet: DriverCase[] = [
  {
    id: 'CRE-21',
    title: 'create makes nothing on the host: nobody is told when the network is removed',
    section: 'seenRemoval',
    severity: 'SHOULD',
    async run(bench) {
      const before = await bench.host.snapshot();
      await bench.create();
      ensureUnchanged(before, await bench.host.snapshot(), 'create made something on the host');
    },
  },
  {
    id: 'CRE-22',
    title: 'create that succeeds says nothing on standard error',
    section: 'seenStderr',
    severity: 'SHOULD',
    async run(bench) {
      ensureEqual((await bench.tryCreate()).stderr, '', 'stderr of create');
    },
  },
];

export const createFamily: DriverFamily = {
  prefix: 'CRE',
  title: 'create',
  cases: [...answers, ...subnets, ...quiet],
};
