import { ensure, skipUnless } from '../../case.ts';
import { ensureEqual } from '../../expect.ts';
import { globalAddresses, linksOf, routesOf } from '../../inspect.ts';
import { listen, reach } from '../../traffic.ts';
import { isInside } from '../addresses.ts';

import { givesAddress, isShared, makesInterface, namesGateway, takes } from '../needs.ts';
import { sameContainer, secondNetwork } from '../second.ts';
import { addressesOf, bareAddresses, statusErrors } from '../status.ts';
import { NAMED, NAMED6 } from './create.ts';
import { ensureOneObject } from './info.ts';
import type { DriverCase, DriverFamily } from './types.ts';

const answers: DriverCase[] = [
  {
    id: 'SET-01',
    title: 'setup prints one JSON object and nothing else on standard output',
    section: 'driverSetup',
    severity: 'MUST',
    async run(bench) {
      ensureOneObject((await bench.setup(await bench.attachment())).reply);
    },
  },
  {
    id: 'SET-02',
    title:
      'the answer of setup is a status block: everything has its type, every interface its hardware address',
    section: 'driverStatus',
    severity: 'MUST',
    async run(bench) {
      const { status } = await bench.setup(await bench.attachment());
      ensureEqual(statusErrors(status), [], 'What is wrong with the status block');
    },
  },
  {
    id: 'SET-03',
    title: 'setup that succeeds says nothing on standard error',
    section: 'seenStderr',
    severity: 'SHOULD',
    async run(bench) {
      const { reply } = await bench.setup(await bench.attachment());
      ensureEqual(reply.stderr, '', 'stderr of setup');
    },
  },
  {
    id: 'SET-04',
    title: 'setup does without the keys that may be omitted',
    section: 'driverOptional',
    severity: 'MUST',
    async run(bench) {
      await bench.setup(await bench.attachment(), (request) => withoutNulls(request) as typeof request);
    },
  },
  {
    id: 'SET-05',
    title: 'setup takes a request with keys that only a newer netavark has',
    section: 'seenUse',
    severity: 'SHOULD',
    async run(bench) {
      await bench.setup(await bench.attachment(), (request) => ({
        ...request,
        conformance_key: 1,
        network: { ...request.network, conformance_key: { list: [] } },
      }));
    },
  },
];

/** `Option<T>` may be absent as well as `null`. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const present = Object.entries(value).filter(([, entry]) => entry !== null);
  return Object.fromEntries(present.map(([key, entry]) => [key, withoutNulls(entry)]));
}

const interfaces: DriverCase[] = [
  {
    id: 'SET-11',
    title: 'setup makes the interface that "interface_name" names',
    section: 'driverOptions',
    severity: 'SHOULD',
    needs: [makesInterface],
    async run(bench) {
      const { attachment, status } = await bench.setup(await bench.attachment({ ifname: 'net7' }));
      ensureEqual(Object.keys(status.interfaces ?? {}), ['net7'], 'The interfaces of the status block');
      ensure(
        (await linksOf(attachment.sandbox)).has('net7'),
        'There is no "net7" in the sandbox after setup',
      );
    },
  },
  {
    id: 'SET-12',
    title: 'every interface of the status block is in the sandbox, with its hardware address',
    section: 'driverStatus',
    severity: 'MUST',
    needs: [makesInterface],
    async run(bench) {
      const { attachment, status } = await bench.setup(await bench.attachment());
      const links = await linksOf(attachment.sandbox);
      for (const [name, { mac_address: mac }] of Object.entries(status.interfaces ?? {}))
        ensureEqual(links.get(name)?.address, mac.toLowerCase(), `The hardware address of "${name}"`);
    },
  },
  {
    id: 'SET-13',
    title: 'every address of the status block is on its interface, with its prefix, and no other is',
    section: 'driverAddress',
    severity: 'MUST',
    needs: [givesAddress],
    async run(bench) {
      const { attachment, status } = await bench.setup(await bench.attachment());
      const links = await linksOf(attachment.sandbox);
      for (const [name, { subnets }] of Object.entries(status.interfaces ?? {})) {
        const told = (subnets ?? []).map(({ ipnet }) => ipnet);
        ensureEqual(globalAddresses(links.get(name)).sort(), told.sort(), `The addresses of "${name}"`);
      }
    },
  },
  {
    id: 'SET-14',
    title: 'setup leaves no interface in the sandbox that the status block does not list',
    section: 'driverSetup',
    severity: 'SHOULD',
    needs: [makesInterface],
    async run(bench) {
      const attachment = await bench.attachment();
      const before = [...(await linksOf(attachment.sandbox)).keys()];
      const { status } = await bench.setup(attachment);
      const listed = [...before, ...Object.keys(status.interfaces ?? {})];
      const odd = [...(await linksOf(attachment.sandbox)).keys()].filter((name) => !listed.includes(name));
      ensureEqual(odd, [], 'What setup made in the sandbox and did not list');
    },
  },
  {
    id: 'SET-15',
    title: 'the addresses and gateways of the status block are in the subnets of the network',
    section: 'driverAddress',
    severity: 'MUST',
    needs: [givesAddress],
    async run(bench) {
      const { attachment, status } = await bench.setup(await bench.attachment());
      const subnets = (attachment.network.subnets ?? []).map(({ subnet }) => subnet);
      skipUnless(subnets.length > 0, 'the network has no subnet');
      for (const { ipnet, gateway } of addressesOf(status)) {
        const [address = '', prefix = ''] = ipnet.split('/');
        const home = subnets.find((subnet) => isInside(address, subnet) && subnet.endsWith(`/${prefix}`));
        ensure(home !== undefined, `${ipnet} is in none of the subnets ${subnets.join(', ')}`);
        ensure(
          gateway === undefined || gateway === null || isInside(gateway, home),
          `The gateway ${gateway ?? ''} of ${ipnet} is not in ${home}`,
        );
      }
    },
  },
  {
    id: 'SET-16',
    title: 'setup takes a namespace by the path of a process too',
    section: 'driverSetup',
    severity: 'SHOULD',
    needs: [makesInterface],
    async run(bench) {
      const attachment = await bench.attachment();
      const holder = attachment.sandbox.start(['sh', '-c', 'echo; exec sleep 60'], { timeoutMs: 60_000 });
      await holder.firstOutput;
      const { status } = await bench.setup({ ...attachment, netns: `/proc/${holder.pid}/ns/net` });
      const links = await linksOf(attachment.sandbox);
      const absent = Object.keys(status.interfaces ?? {}).filter((name) => !links.has(name));
      ensureEqual(absent, [], 'What the status block lists and the sandbox lacks');
    },
  },
  {
    id: 'SET-17',
    title: 'every interface of the status block is up',
    section: 'seenUse',
    severity: 'SHOULD',
    needs: [makesInterface],
    async run(bench) {
      const { attachment, status } = await bench.setup(await bench.attachment());
      const links = await linksOf(attachment.sandbox);
      const down = Object.keys(status.interfaces ?? {}).filter((name) => {
        return links.get(name)?.flags.includes('UP') !== true;
      });
      ensureEqual(down, [], 'The interfaces that are not up');
    },
  },
];

const reachable: DriverCase[] = [
  {
    id: 'SET-21',
    title: 'the default route leads to the gateway that the status block names',
    section: 'seenUse',
    severity: 'SHOULD',
    needs: [namesGateway],
    async run(bench) {
      const { attachment, status } = await bench.setup(await bench.attachment());
      const gateways = addressesOf(status).flatMap(({ gateway }) => gateway ?? []);
      const routes = (await routesOf(attachment.sandbox)).filter(({ dst }) => dst.endsWith('/0'));
      const missing = gateways.filter((gateway) => !routes.some((route) => route.gateway === gateway));
      ensureEqual(missing, [], 'The gateways without a default route');
    },
  },
  {
    id: 'SET-22',
    title: 'a container reaches the gateway that the status block names',
    section: 'seenUse',
    severity: 'SHOULD',
    needs: [namesGateway],
    async run(bench) {
      const { attachment, status } = await bench.setup(await bench.attachment());
      const gateway = addressesOf(status).flatMap((address) => address.gateway ?? [])[0]!;
      const local = [...(await linksOf(bench.host)).values()].flatMap(globalAddresses);
      skipUnless(
        local.some((address) => address.startsWith(`${gateway}/`)),
        `the gateway ${gateway} is not the host: it lies beyond the network`,
      );
      await listen(bench.host, gateway);
      const seen = await reach(attachment.sandbox, { address: gateway });
      ensure(seen !== undefined, `The container has no answer from its gateway ${gateway}`);
    },
  },
  {
    id: 'SET-23',
    title: 'two containers of a network have different addresses',
    section: 'driverSetup',
    severity: 'MUST',
    needs: [givesAddress, isShared],
    async run(bench) {
      const first = bareAddresses((await bench.setup(await bench.attachment())).status);
      const second = bareAddresses((await bench.setup(await bench.attachment())).status);
      const shared = first.filter((address) => second.includes(address));
      ensureEqual(shared, [], 'The addresses that both containers have');
    },
  },
  {
    id: 'SET-24',
    title: 'two containers of a network reach each other',
    section: 'seenUse',
    severity: 'SHOULD',
    needs: [givesAddress, isShared],
    async run(bench) {
      const server = await bench.setup(await bench.attachment());
      const client = await bench.setup(await bench.attachment());
      const address = bareAddresses(server.status)[0]!;
      await listen(server.attachment.sandbox);
      const seen = await reach(client.attachment.sandbox, { address });
      ensure(seen !== undefined, `${bareAddresses(client.status)[0]!} has no answer from ${address}`);
    },
  },
  {
    id: 'SET-25',
    title: 'a container in a network of both families has an address of each',
    section: 'driverSetup',
    severity: 'MUST',
    needs: [takes('ipv6'), makesInterface],
    async run(bench) {
      const network = await bench.create({ subnets: [NAMED, NAMED6] });
      const { attachment, status } = await bench.setup(await bench.attachment({ network }));
      const { sandbox, ifname } = attachment;
      const present = globalAddresses((await linksOf(sandbox)).get(ifname)).map((one) => one.split('/')[0]!);
      for (const { subnet } of [NAMED, NAMED6]) {
        const isOf = (address: string): boolean => isInside(address, subnet);
        ensure(present.some(isOf), `"${ifname}" has ${present.join(', ')}, wanted one of ${subnet} too`);
        ensure(bareAddresses(status).some(isOf), `The status block has no address of ${subnet}`);
      }
    },
  },
  {
    id: 'SET-26',
    title: 'a container can be in two networks, each with an interface and an address',
    section: 'driverSetup',
    severity: 'MUST',
    needs: [givesAddress, isShared],
    async run(bench) {
      const first = await bench.attachment();
      const network = await secondNetwork(bench);
      const one = await bench.setup(first);
      const two = await bench.setup(
        await bench.attachment({ ...sameContainer(first), network, ifname: 'eth1' }),
      );
      const links = await linksOf(first.sandbox);
      ensure(links.has('eth0') && links.has('eth1'), `The sandbox has ${[...links.keys()].join(', ')}`);
      const shared = bareAddresses(one.status).filter((entry) => bareAddresses(two.status).includes(entry));
      ensureEqual(shared, [], 'The addresses that both interfaces have');
    },
  },
];

export const setupFamily: DriverFamily = {
  prefix: 'SET',
  title: 'setup',
  cases: [...answers, ...interfaces, ...reachable],
};
