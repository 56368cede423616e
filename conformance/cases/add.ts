import type { Attachment, Bench } from '../bench.ts';
import { ensure, skipUnless, type Case, type Family } from '../case.ts';
import type { PluginConfiguration } from '../configuration.ts';
import { ensureEqual, ensureError, ensureUnchanged } from '../expect.ts';
import { globalAddresses, linksOf } from '../inspect.ts';
import { hasNarrowablePool, hasPoolList, makesInterface, speaks, switchesOn } from '../needs.ts';
import { addPool, narrowPool } from '../pool.ts';
import { addressesOf, sandboxInterfaces } from '../result.ts';
import type { Variation } from '../request.ts';
import { listen, reach } from '../traffic.ts';
import { UPLINK } from '../world.ts';

/** A network with exactly this many addresses. */
export const poolOf = (count: number): Variation => ({
  config: (plugin) => narrowPool(plugin, count) ?? plugin,
});

const making: Case[] = [
  {
    id: 'ADD-01',
    title: 'ADD makes CNI_IFNAME in CNI_NETNS',
    section: 'add',
    severity: 'SHOULD',
    async run(bench) {
      const { attachment } = await bench.add(await bench.attachment({ ifname: 'net7' }));
      ensure((await linksOf(attachment.sandbox)).has('net7'), 'There is no "net7" in the sandbox after ADD');
    },
  },
  {
    id: 'ADD-02',
    title: 'ADD leaves no interface in the sandbox beside the one asked for',
    section: 'add',
    severity: 'SHOULD',
    needs: [makesInterface, speaks('0.3.0')],
    async run(bench) {
      const attachment = await bench.attachment();
      const before = [...(await linksOf(attachment.sandbox)).keys()];
      const { result } = await bench.add(attachment);
      const listed = sandboxInterfaces(result, attachment.netns).map(({ name }) => name);
      const after = [...(await linksOf(attachment.sandbox)).keys()];
      const odd = after.filter((name) => !before.includes(name) && !listed.includes(name));
      ensureEqual(odd, [], 'What ADD made in the sandbox and did not list');
    },
  },
  {
    // The clause is one for runtimes: that a plugin can do it is implied, not demanded.
    id: 'ADD-03',
    title: 'a container can be attached twice under two interface names, with two addresses',
    section: 'add',
    severity: 'SHOULD',
    async run(bench) {
      const first = await bench.add(await bench.attachment());
      const second = await bench.add({ ...first.attachment, ifname: 'eth1' });
      const links = await linksOf(first.attachment.sandbox);
      ensure(links.has('eth0') && links.has('eth1'), `The sandbox has ${[...links.keys()].join(', ')}`);
      const shared = addressesOf(first.result).filter((address) =>
        addressesOf(second.result).includes(address),
      );
      ensureEqual(shared, [], 'The addresses that both interfaces have');
    },
  },
  {
    id: 'ADD-04',
    title: 'two containers get different addresses',
    section: 'lifecycle',
    severity: 'MUST',
    async run(bench) {
      const first = await bench.add(await bench.attachment());
      const second = await bench.add(await bench.attachment());
      const shared = addressesOf(first.result).filter((address) =>
        addressesOf(second.result).includes(address),
      );
      ensureEqual(shared, [], 'The addresses that both containers have');
    },
  },
  {
    id: 'ADD-05',
    title: 'ADD after DEL of the same attachment works',
    section: 'add',
    severity: 'MUST',
    async run(bench) {
      const attachment = await bench.attachment();
      for (let round = 0; round < 3; round += 1) {
        await bench.add(attachment);
        await bench.del(attachment);
      }
    },
  },
  {
    id: 'ADD-06',
    title: 'ADD of a known attachment into a new sandbox works: its DEL was lost, or the machine restarted',
    section: 'practice',
    severity: 'SHOULD',
    async run(bench) {
      const first = await bench.attachment();
      await bench.add(first);
      await first.sandbox.remove();
      await bench.add(await bench.attachment({ containerID: first.containerID }));
    },
  },
];

const sandboxes: Case[] = [
  {
    id: 'ADD-07',
    title:
      'ADD gives an IPv6 address although the sandbox has IPv6 switched off, as some runtimes hand it over',
    section: 'practice',
    severity: 'SHOULD',
    needs: [makesInterface, hasPoolList],
    async run(bench) {
      const attachment = await bench.attachment();
      const { sandbox, ifname } = attachment;
      const off = ['all', 'default'].map((name) => `net.ipv6.conf.${name}.disable_ipv6=1`);
      await sandbox.run(['sysctl', '-qw', ...off]);
      const config = (plugin: PluginConfiguration): PluginConfiguration =>
        addPool(plugin, 'fd00:211::/64') ?? plugin;
      await bench.add(attachment, { config });
      const present = globalAddresses((await linksOf(sandbox)).get(ifname));
      ensure(
        present.some((address) => address.startsWith('fd00:211::')),
        `"${ifname}" has ${present.join(', ')}, wanted one of fd00:211::/64 too`,
      );
    },
  },
];

/** Creates a foreign interface of the same name, which the plugin must not take over. */
async function occupy({ sandbox, ifname }: Attachment): Promise<void> {
  await sandbox.run(['ip', 'link', 'add', ifname, 'type', 'bridge']);
}

const conflicts: Case[] = [
  {
    id: 'ADD-11',
    title: 'ADD is refused when the sandbox already has an interface of that name, which stays as it is',
    section: 'add',
    severity: 'MUST',
    needs: [makesInterface],
    async run(bench) {
      const attachment = await bench.attachment();
      await occupy(attachment);
      const before = await attachment.sandbox.snapshot();
      ensureError(await bench.tryAdd(attachment), { when: 'ADD with an interface name in use' });
      ensureUnchanged(before, await attachment.sandbox.snapshot(), 'The refused ADD changed the sandbox');
    },
  },
  {
    id: 'ADD-12',
    title: 'a second ADD of the same attachment is refused and leaves the first as it is',
    section: 'add',
    severity: 'MUST',
    needs: [makesInterface],
    async run(bench) {
      const { attachment } = await bench.add(await bench.attachment());
      const sandbox = await attachment.sandbox.snapshot();
      const host = await bench.host.snapshot();
      ensureError(await bench.tryAdd(attachment), { when: 'ADD for the second time' });
      ensureUnchanged(sandbox, await attachment.sandbox.snapshot(), 'The second ADD changed the sandbox');
      ensureUnchanged(host, await bench.host.snapshot(), 'The second ADD changed the host');
    },
  },
  {
    id: 'ADD-13',
    title: 'a refused second ADD does not free the address of the first',
    section: 'lifecycle',
    severity: 'MUST',
    needs: [makesInterface, hasNarrowablePool],
    async run(bench) {
      const pool = poolOf(2);
      const { attachment, result } = await bench.add(await bench.attachment(), pool);
      ensureError(await bench.tryAdd(attachment, pool), { when: 'ADD for the second time' });
      const next = await bench.add(await bench.attachment(), pool);
      const shared = addressesOf(next.result).filter((address) => addressesOf(result).includes(address));
      ensureEqual(shared, [], 'The addresses given out although the first container still has them');
    },
  },
  {
    id: 'ADD-14',
    title: 'a refused ADD leaves nothing on the host',
    section: 'delegationProcedure',
    severity: 'SHOULD',
    needs: [makesInterface],
    async run(bench) {
      const before = await bench.warmUp();
      const attachment = await bench.attachment();
      await occupy(attachment);
      ensureError(await bench.tryAdd(attachment), { when: 'ADD with an interface name in use' });
      ensureUnchanged(before, await bench.host.snapshot(), 'The refused ADD left something on the host');
    },
  },
  {
    id: 'ADD-15',
    title: 'a refused ADD gives its address back',
    section: 'delegationProcedure',
    severity: 'SHOULD',
    needs: [makesInterface, hasNarrowablePool],
    async run(bench) {
      const pool = poolOf(1);
      const attachment = await bench.attachment();
      await occupy(attachment);
      for (let round = 0; round < 2; round += 1) await bench.tryAdd(attachment, pool);
      await bench.add(await bench.attachment(), pool);
    },
  },
  {
    id: 'ADD-16',
    title: 'DEL after a refused ADD succeeds and leaves nothing on the host',
    section: 'lifecycle',
    severity: 'SHOULD',
    needs: [makesInterface],
    async run(bench) {
      const before = await bench.warmUp();
      const attachment = { ...(await bench.attachment()), netns: '/run/netns/absent' };
      ensureError(await bench.tryAdd(attachment), { when: 'ADD into a path that does not exist' });
      await bench.del(attachment);
      ensureUnchanged(before, await bench.host.snapshot(), 'ADD and DEL left something on the host');
    },
  },
];

const exhaustion: Case[] = [
  {
    id: 'ADD-21',
    title: 'ADD is refused when every address is in use, and leaves nothing',
    section: 'delegationProcedure',
    severity: 'SHOULD',
    needs: [hasNarrowablePool],
    async run(bench) {
      const pool = poolOf(1);
      await bench.add(await bench.attachment(), pool);
      const host = await bench.host.snapshot();
      const late = await bench.attachment();
      const sandbox = await late.sandbox.snapshot();
      ensureError(await bench.tryAdd(late, pool), { when: 'ADD with every address in use' });
      ensureUnchanged(
        sandbox,
        await late.sandbox.snapshot(),
        'The refused ADD left something in the sandbox',
      );
      ensureUnchanged(host, await bench.host.snapshot(), 'The refused ADD left something on the host');
    },
  },
  {
    id: 'ADD-22',
    title: 'DEL after an ADD refused for want of addresses succeeds and takes nothing from others',
    section: 'del',
    severity: 'MUST',
    needs: [hasNarrowablePool],
    async run(bench) {
      const pool = poolOf(1);
      const { attachment, result } = await bench.add(await bench.attachment(), pool);
      const late = await bench.attachment();
      ensureError(await bench.tryAdd(late, pool), { when: 'ADD with every address in use' });
      await bench.del(late, pool);
      const link = (await linksOf(attachment.sandbox)).get('eth0');
      const present = globalAddresses(link).map((address) => address.split('/')[0]!);
      ensureEqual(
        addressesOf(result).filter((address) => !present.includes(address)),
        [],
        'What the first lost',
      );
    },
  },
];

const connectivity: Case[] = [
  {
    id: 'ADD-31',
    title: 'two containers of a network reach each other',
    section: 'overview',
    severity: 'SHOULD',
    needs: [makesInterface],
    async run(bench) {
      const server = await bench.add(await bench.attachment());
      const client = await bench.add(await bench.attachment());
      const [address] = addressesOf(server.result);
      skipUnless(address, 'the result has no address');
      await listen(server.attachment.sandbox);
      const seen = await reach(client.attachment.sandbox, { address });
      ensure(seen !== undefined, `${addressesOf(client.result)[0]!} has no answer from ${address}`);
    },
  },
  {
    id: 'ADD-32',
    title: 'a container reaches the gateway that its result names',
    section: 'result',
    severity: 'SHOULD',
    needs: [makesInterface, speaks('0.3.0')],
    async run(bench) {
      const { attachment, result } = await bench.add(await bench.attachment());
      const gateway = result.ips?.find((ip) => ip.gateway !== undefined)?.gateway;
      skipUnless(gateway, 'the result has no gateway');
      const local = [...(await linksOf(bench.host)).values()].flatMap(globalAddresses);
      skipUnless(
        local.some((address) => address.startsWith(`${gateway}/`)),
        `the gateway ${gateway} is not the host: it lies beyond the network`,
      );
      await listen(bench.host, gateway);
      const seen = await reach(attachment.sandbox, { address: gateway });
      ensure(seen !== undefined, `${addressesOf(result)[0]!} has no answer from its gateway ${gateway}`);
    },
  },
  {
    id: 'ADD-33',
    title: 'with "ipMasq", what a container sends outside comes from the address of the host',
    section: 'pluginObject',
    severity: 'SHOULD',
    needs: [makesInterface, switchesOn('ipMasq')],
    run: (bench) => ensureMasqueraded(bench),
  },
];

async function ensureMasqueraded(bench: Bench): Promise<void> {
  const { attachment, result } = await bench.add(await bench.attachment());
  await listen(bench.host.outside, UPLINK.neighbour);
  const seen = await reach(attachment.sandbox, { address: UPLINK.neighbour });
  ensureEqual(seen, UPLINK.address, `The sender that the outside sees for ${addressesOf(result)[0]!}`);
}

export const addFamily: Family = {
  prefix: 'ADD',
  title: 'ADD',
  cases: [...making, ...sandboxes, ...conflicts, ...exhaustion, ...connectivity],
};
