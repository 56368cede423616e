import { BlockList, isIP } from 'node:net';
import type { Added, Bench } from '../bench.ts';
import { ensure, skipUnless, type Case, type Family } from '../case.ts';
import { ensureEqual } from '../expect.ts';
import type { Place } from '../host.ts';
import {
  globalAddresses,
  KERNEL_PROTOCOL,
  linksOf,
  MAIN_TABLE,
  routesOf,
  type Link,
  type Route,
} from '../inspect.ts';
import type { PluginConfiguration } from '../configuration.ts';
import { hasPoolList, makesInterface, speaks, speaksExactly, speaksOlderThan } from '../needs.ts';
import { addPool } from '../pool.ts';
import {
  addressesOf,
  hostInterfaces,
  sandboxInterfaces,
  type AddResult,
  type ResultInterface,
} from '../result.ts';
import type { SectionName } from '../sections.ts';
import { shapeErrors } from '../shape.ts';
import { isAtLeast, SPEC_VERSIONS } from '../versions.ts';

const SHAPE_SECTIONS: Record<(typeof SPEC_VERSIONS)[number], SectionName> = {
  '0.1.0': 'result010',
  '0.2.0': 'result020',
  '0.3.0': 'result030',
  '0.3.1': 'result031',
  '0.4.0': 'result040',
  '1.0.0': 'result100',
  '1.1.0': 'result',
};

const shapes = SPEC_VERSIONS.map((version): Case => ({
  id: `RES-${version}`,
  title: `a request in ${version} is answered with a result in the shape of ${version}`,
  section: SHAPE_SECTIONS[version],
  severity: 'MUST',
  needs: [speaksExactly(version)],
  async run(bench) {
    const { attachment, result } = await bench.add(await bench.attachment(), { version });
    ensureEqual(shapeErrors(result, version), [], `What is wrong with the result in ${version}`);
    ensure(addressesOf(result).length > 0 || bench.subject.index > 0, `The result has no address`);
    await bench.del(attachment, { version });
  },
}));

const SECOND_POOL = '10.212.0.0/24';

const rich = [speaks('0.3.0')];

/** ADD, and the container's interface in its result. */
async function addAndFind(bench: Bench): Promise<Added & { own: ResultInterface }> {
  const added = await bench.add(await bench.attachment());
  const own = sandboxInterfaces(added.result, added.attachment.netns).find(({ name }) => name === 'eth0');
  ensure(own, `No interface of the result is "eth0" with "sandbox": "${added.attachment.netns}"`);
  return { ...added, own };
}

async function ensureReal(place: Place, entries: readonly ResultInterface[]): Promise<void> {
  const links = await linksOf(place);
  for (const { name, mac } of entries) {
    const link: Link | undefined = links.get(name);
    ensure(link, `The result has "${name}", which is not among ${[...links.keys()].join(', ')}`);
    if (mac !== undefined) ensureEqual(mac.toLowerCase(), link.address, `"mac" of "${name}" in the result`);
  }
}

/** An interface that a result places in a third namespace must exist there. */
async function ensureNoneElsewhere({ host }: Bench, netns: string, result: AddResult): Promise<void> {
  for (const { name, sandbox = '' } of result.interfaces ?? []) {
    // Without a leading slash it may name a virtual machine, which cannot be inspected.
    if (sandbox === netns || !sandbox.startsWith('/')) continue;
    const look = await host.exec(['nsenter', `--net=${sandbox}`, 'ip', 'link', 'show', 'dev', name]);
    ensure(look.exitCode === 0, `The result has "${name}" in "${sandbox}", where it is not`);
  }
}

const interfaces: Case[] = [
  {
    id: 'RES-01',
    title: 'the result has CNI_IFNAME, with CNI_NETNS as its sandbox',
    section: 'result',
    severity: 'SHOULD',
    needs: rich,
    async run(bench) {
      await addAndFind(bench);
    },
  },
  {
    id: 'RES-02',
    title: "the result has the hardware address of the container's interface",
    section: 'result031',
    severity: 'MUST',
    needs: rich,
    async run(bench) {
      const { own, attachment } = await addAndFind(bench);
      const link = (await linksOf(attachment.sandbox)).get('eth0');
      ensureEqual(own.mac?.toLowerCase(), link?.address, '"mac" of "eth0" in the result');
    },
  },
  {
    id: 'RES-03',
    title: 'every interface of the result exists where the result says, with the address it says',
    section: 'result',
    severity: 'MUST',
    needs: rich,
    async run(bench) {
      const { attachment, result } = await bench.add(await bench.attachment());
      await ensureReal(attachment.sandbox, sandboxInterfaces(result, attachment.netns));
      await ensureReal(bench.host, hostInterfaces(result));
      await ensureNoneElsewhere(bench, attachment.netns, result);
    },
  },
  {
    id: 'RES-04',
    title: 'every interface that ADD made is in the result, those of the host included',
    section: 'result',
    severity: 'MUST',
    needs: [...rich, makesInterface],
    async run(bench) {
      const before = [...(await linksOf(bench.host)).keys()];
      const attachment = await bench.attachment();
      const { result } = await bench.add(attachment);
      const after = [...(await linksOf(bench.host)).keys()];
      const listed = (result.interfaces ?? []).map(({ name }) => name);
      const silent = after.filter((name) => !before.includes(name) && !listed.includes(name));
      ensureEqual(silent, [], 'What ADD made on the host and did not list');
    },
  },
  {
    id: 'RES-05',
    title: '"mtu" of an interface is its MTU',
    section: 'result',
    severity: 'MUST',
    needs: [speaks('1.1.0')],
    async run(bench) {
      const { own, attachment } = await addAndFind(bench);
      skipUnless(own.mtu !== undefined, 'the result has no "mtu"');
      ensureEqual(
        own.mtu,
        (await linksOf(attachment.sandbox)).get('eth0')?.mtu,
        '"mtu" of "eth0" in the result',
      );
    },
  },
  {
    id: 'RES-06',
    title: "the container's interface is up",
    section: 'add',
    severity: 'SHOULD',
    async run(bench) {
      const { attachment } = await bench.add(await bench.attachment());
      const link = (await linksOf(attachment.sandbox)).get('eth0');
      ensure(link?.flags.includes('UP'), `The flags of "eth0" are ${String(link?.flags)}, wanted UP`);
    },
  },
];

function isLinkLocal(address: string): boolean {
  return /^(169\.254\.|fe[89ab])/i.test(address);
}

/** Whether an address, or a whole subnet, lies in the subnet of another address. */
function isInside(inner: string, outer: string): boolean {
  const [address = '', prefix] = inner.split('/');
  const [network = '', length = ''] = outer.split('/');
  if (isIP(address) !== isIP(network) || Number(prefix ?? Infinity) < Number(length)) return false;
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  const subnet = new BlockList();
  subnet.addSubnet(network, Number(length), family);
  return subnet.check(address, family);
}

/** Whether a route adds to the addresses: neither within their subnets, nor to their gateway. */
function leadsBeyond({ dst, protocol }: Route, { ips = [] }: AddResult): boolean {
  if (protocol === KERNEL_PROTOCOL || isLinkLocal(dst) || /^ff/i.test(dst)) return false;
  return !ips.some(({ address, gateway }) => isInside(dst, address) || dst.split('/')[0] === gateway);
}

const layer3: Case[] = [
  {
    id: 'RES-11',
    title: 'every address of the result is on the interface it points at',
    section: 'result',
    severity: 'MUST',
    needs: rich,
    async run(bench) {
      const { result, attachment } = await bench.add(await bench.attachment());
      const ips = result.ips ?? [];
      skipUnless(ips.length > 0, 'the result has no address');
      const inSandbox = await linksOf(attachment.sandbox);
      const onHost = await linksOf(bench.host);
      for (const { address, interface: index } of ips) {
        ensure(index !== undefined, `"interface" of ${address} is missing`);
        const { name, sandbox = '' } = result.interfaces?.[index] ?? { name: 'nothing' };
        const known = sandbox === '' || sandbox === attachment.netns;
        ensure(known, `"sandbox" of the interface that ${address} points at is ${JSON.stringify(sandbox)}`);
        const links = sandbox === '' ? onHost : inSandbox;
        ensure(globalAddresses(links.get(name)).includes(address), `${address} is not on "${name}"`);
      }
    },
  },
  {
    id: 'RES-12',
    title: "every address of the container's interface is in the result",
    section: 'result',
    severity: 'MUST',
    needs: [...rich, makesInterface],
    async run(bench) {
      const { result, attachment } = await bench.add(await bench.attachment());
      const present = globalAddresses((await linksOf(attachment.sandbox)).get('eth0'));
      const listed = (result.ips ?? []).map(({ address }) => address);
      ensureEqual(
        present.filter((address) => !listed.includes(address)),
        [],
        'What is on "eth0" and not in the result',
      );
    },
  },
  {
    id: 'RES-13',
    title: 'a gateway of the result is of the family of its address, and not that address',
    section: 'result',
    severity: 'MUST',
    needs: rich,
    async run(bench) {
      const { result } = await bench.add(await bench.attachment());
      const withGateway = (result.ips ?? []).filter(({ gateway }) => gateway !== undefined);
      skipUnless(withGateway.length > 0, 'the result has no gateway');
      for (const { address, gateway } of withGateway) {
        const own = address.split('/')[0]!;
        ensureEqual(isIP(gateway!), isIP(own), `The family of gateway ${gateway!} of ${address}`);
        ensure(gateway !== own, `${address} is its own gateway`);
      }
    },
  },
  {
    id: 'RES-14',
    title: 'every route of the result is in the sandbox',
    section: 'result',
    severity: 'MUST',
    needs: rich,
    async run(bench) {
      const { result, attachment } = await bench.add(await bench.attachment());
      const wanted = result.routes ?? [];
      skipUnless(wanted.length > 0, 'the result has no route');
      const present = await routesOf(attachment.sandbox);
      for (const { dst, gw, table = MAIN_TABLE } of wanted) {
        const found = present.some(
          (route) => route.dst === dst && route.table === table && (gw === undefined || route.gateway === gw),
        );
        const sought = `${dst}${gw === undefined ? '' : ` via ${gw}`} of table ${table}`;
        ensure(found, `${sought} is not among ${JSON.stringify(present)}`);
      }
    },
  },
  {
    id: 'RES-15',
    title: 'every route that leads out of the subnets of the container is in the result',
    section: 'result',
    severity: 'MUST',
    needs: [...rich, makesInterface],
    async run(bench) {
      const { result, final, attachment } = await bench.add(await bench.attachment());
      const beyond = (await routesOf(attachment.sandbox)).filter((route) => leadsBeyond(route, result));
      skipUnless(beyond.length > 0, 'ADD makes no route out of its own subnets');
      const listed = [...(result.routes ?? []), ...(final.routes ?? [])].map(({ dst }) => dst);
      ensureEqual(
        beyond.map(({ dst }) => dst).filter((dst) => !listed.includes(dst)),
        [],
        'What route is in the sandbox and not in the result',
      );
    },
  },
  {
    id: 'RES-17',
    title: 'a gateway of the result lies in the subnet of its address',
    section: 'result',
    severity: 'SHOULD',
    needs: rich,
    async run(bench) {
      const { result } = await bench.add(await bench.attachment());
      const withGateway = (result.ips ?? []).filter(
        // An address without a subnet and a link-local gateway need an explicit route, and have it.
        ({ address, gateway = '' }) =>
          gateway !== '' && !/\/(32|128)$/.test(address) && !isLinkLocal(gateway),
      );
      skipUnless(withGateway.length > 0, 'the result has no gateway of a subnet');
      for (const { address, gateway = '' } of withGateway) {
        ensure(isInside(gateway, address), `The gateway ${gateway} is outside of the subnet of ${address}`);
      }
    },
  },
  {
    id: 'RES-16',
    title: '"dns" of the configuration is in the result',
    section: 'pluginObject',
    severity: 'SHOULD',
    needs: rich,
    async run(bench) {
      const dns = { nameservers: ['192.0.2.53'], search: ['conformance.test'] };
      const { result } = await bench.add(await bench.attachment(), { keys: { dns } });
      ensureEqual(result.dns?.nameservers, dns.nameservers, '"dns.nameservers" of the result');
      ensureEqual(result.dns?.search, dns.search, '"dns.search" of the result');
    },
  },
];

const legacy: Case[] = [
  {
    id: 'RES-18',
    title:
      'a result before 0.3.0 hides no address: ADD with two of a family is refused, or gives the one it tells',
    section: 'result020',
    severity: 'SHOULD',
    needs: [makesInterface, speaksOlderThan('0.3.0'), hasPoolList],
    async run(bench) {
      const config = (plugin: PluginConfiguration): PluginConfiguration =>
        addPool(plugin, SECOND_POOL) ?? plugin;
      for (const version of bench.subject.usable.filter((known) => !isAtLeast(known, '0.3.0'))) {
        const attachment = await bench.attachment();
        const reply = await bench.tryAdd(attachment, { version, config });
        if (reply.exitCode !== 0) continue;
        const told = addressesOf(reply.document as AddResult);
        const present = globalAddresses((await linksOf(attachment.sandbox)).get('eth0'));
        const hidden = present.filter((address) => !told.includes(address.split('/')[0]!));
        ensureEqual(hidden, [], `The addresses that the result in ${version} does not tell`);
      }
    },
  },
];

export const resultFamily: Family = {
  prefix: 'RES',
  title: 'Results',
  cases: [...shapes, ...interfaces, ...layer3, ...legacy],
};
