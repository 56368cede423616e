import { rm } from 'node:fs/promises';
import type { Added, Bench } from '../bench.ts';
import { ensure, skipUnless, type Case, type Family, type Severity } from '../case.ts';
import { ensureError, ensureSuccess, ensureUnchanged } from '../expect.ts';
import { globalAddresses, linksOf, routesOf } from '../inspect.ts';
import type { PluginConfiguration } from '../configuration.ts';
import { hasNarrowablePool, makesInterface, speaks, type Need } from '../needs.ts';
import { addRoutes } from '../pool.ts';
import { addressesOf, hostInterfaces, sandboxInterfaces, type AddResult } from '../result.ts';
import { stateFiles } from '../state.ts';
import { isAtLeast } from '../versions.ts';
import { poolOf } from './add.ts';
import { flushRules } from './del.ts';

const needs: readonly Need[] = [speaks('0.4.0')];

/** CHECK has to succeed before the damage, and to fail after it. */
interface Damage {
  readonly id: string;
  readonly title: string;
  readonly severity?: Severity;
  readonly needs?: readonly Need[];
  /** Calls skipUnless() if there is nothing to damage. */
  readonly damage: (bench: Bench, added: Added) => Promise<unknown>;
}

const finds = ({ id, title, severity = 'SHOULD', needs: more = [makesInterface], damage }: Damage): Case => ({
  id,
  title,
  section: 'check',
  severity,
  needs: [...needs, ...more],
  async run(bench) {
    const added = await bench.add(await bench.attachment());
    await bench.check(added.attachment);
    await damage(bench, added);
    ensureError(await bench.tryCheck(added.attachment), { when: title });
  },
});

/** CHECK has to accept this change after ADD. */
interface Change {
  readonly id: string;
  readonly title: string;
  /** Makes the change and returns the final result of a chain that made it. */
  readonly change: (bench: Bench, added: Added) => Promise<AddResult>;
}

const accepts = ({ id, title, change }: Change): Case => ({
  id,
  title,
  section: 'check',
  severity: 'MUST',
  needs: [...needs, makesInterface],
  async run(bench) {
    const added = await bench.add(await bench.attachment());
    await bench.check(added.attachment, { prevResult: await change(bench, added) });
  },
});

const healthy: Case[] = [
  {
    id: 'CHK-01',
    title: 'CHECK right after ADD succeeds',
    section: 'check',
    severity: 'MUST',
    needs,
    async run(bench) {
      const { attachment } = await bench.add(await bench.attachment());
      await bench.check(attachment);
    },
  },
  {
    id: 'CHK-02',
    title: 'CHECK changes nothing, however often it is asked',
    section: 'check',
    severity: 'MUST',
    needs,
    async run(bench) {
      const { attachment } = await bench.add(await bench.attachment());
      const sandbox = await attachment.sandbox.snapshot();
      const host = await bench.host.snapshot();
      for (let round = 0; round < 3; round += 1) await bench.check(attachment);
      ensureUnchanged(sandbox, await attachment.sandbox.snapshot(), 'CHECK changed the sandbox');
      ensureUnchanged(host, await bench.host.snapshot(), 'CHECK changed the host');
    },
  },
  {
    id: 'CHK-03',
    title: 'CHECK of one container succeeds while others come and go',
    section: 'check',
    severity: 'MUST',
    needs,
    async run(bench) {
      const { attachment } = await bench.add(await bench.attachment());
      const other = await bench.add(await bench.attachment());
      await bench.check(attachment);
      await bench.del(other.attachment);
      await bench.check(attachment);
    },
  },
  {
    id: 'CHK-04',
    title: 'CHECK right after ADD succeeds in every version that has it',
    section: 'check',
    severity: 'MUST',
    needs,
    async run(bench) {
      for (const version of bench.subject.usable.filter((known) => isAtLeast(known, '0.4.0'))) {
        const { attachment } = await bench.add(await bench.attachment(), { version });
        ensureSuccess(await bench.tryCheck(attachment, { version }), `CHECK in ${version}`);
      }
    },
  },
];

/** Forms of one route in a configuration; results before 1.1.0 cannot express all of it. */
const ROUTE_FORMS: readonly object[] = [
  { table: 100 },
  { priority: 50 },
  { scope: 253 },
  { mtu: 1400 },
  { advmss: 1360 },
];

const routed: Case[] = [
  {
    id: 'CHK-05',
    title:
      'CHECK right after ADD succeeds whatever a route of the configuration carries, in every version that has it',
    section: 'check',
    severity: 'MUST',
    needs: [...needs, makesInterface, hasNarrowablePool],
    async run(bench) {
      for (const version of bench.subject.usable.filter((known) => isAtLeast(known, '0.4.0'))) {
        for (const form of ROUTE_FORMS) {
          const route = { dst: '203.0.113.0/24', ...form };
          const routed = { version, config: (plugin: PluginConfiguration) => addRoutes(plugin, [route]) };
          const attachment = await bench.attachment();
          // A plugin need not support the form.
          if ((await bench.tryAdd(attachment, routed)).exitCode !== 0) continue;
          const when = `CHECK in ${version} with the route ${JSON.stringify(route)}`;
          ensureSuccess(await bench.tryCheck(attachment, routed), when);
          await bench.del(attachment, routed);
        }
      }
    },
  },
];

const inSandbox: Case[] = [
  finds({
    id: 'CHK-11',
    title: 'CHECK fails when the interface is gone',
    damage: (_, { attachment }) => attachment.sandbox.run(['ip', 'link', 'delete', 'eth0']),
  }),
  finds({
    id: 'CHK-12',
    title: 'CHECK fails when an address is gone',
    async damage(_, { attachment }) {
      const [address] = globalAddresses((await linksOf(attachment.sandbox)).get('eth0'));
      skipUnless(address, 'ADD sets no address');
      await attachment.sandbox.run(['ip', 'address', 'delete', address, 'dev', 'eth0']);
    },
  }),
  finds({
    id: 'CHK-13',
    title: 'CHECK fails when another address took the place of the one that was given',
    async damage(_, { attachment }) {
      const [address] = globalAddresses((await linksOf(attachment.sandbox)).get('eth0'));
      skipUnless(address?.includes('.') === true, 'ADD sets no IPv4 address');
      await attachment.sandbox.run(['ip', 'address', 'delete', address, 'dev', 'eth0']);
      await attachment.sandbox.run(['ip', 'address', 'add', '198.51.100.9/24', 'dev', 'eth0']);
    },
  }),
  finds({
    id: 'CHK-14',
    title: 'CHECK fails when a route of the result is gone',
    async damage(_, { attachment, result }) {
      const [route] = result.routes ?? [];
      skipUnless(route, 'the result has no route');
      const family = route.dst.includes(':') ? '-6' : '-4';
      await attachment.sandbox.run(['ip', family, 'route', 'delete', route.dst]);
    },
  }),
  finds({
    id: 'CHK-15',
    title: 'CHECK fails when the interface is down',
    damage: (_, { attachment }) => attachment.sandbox.run(['ip', 'link', 'set', 'dev', 'eth0', 'down']),
  }),
  finds({
    id: 'CHK-16',
    title: 'CHECK fails when the hardware address is not that of prevResult',
    damage: (_, { attachment }) =>
      attachment.sandbox.run(['ip', 'link', 'set', 'dev', 'eth0', 'address', '02:00:00:00:00:09']),
  }),
  finds({
    id: 'CHK-17',
    title: 'CHECK fails when the sandbox is gone',
    damage: (_, { attachment }) => attachment.sandbox.remove(),
  }),
  finds({
    id: 'CHK-18',
    title: 'CHECK fails when the default route is gone, although another interface has an equal one',
    async damage(_, { attachment: { sandbox, ifname } }) {
      const routes = await routesOf(sandbox);
      const own = routes.find(({ dst, dev }) => dst === '0.0.0.0/0' && dev === ifname);
      skipUnless(own?.gateway !== undefined, 'ADD makes no IPv4 default route by a gateway');
      await sandbox.run(['ip', 'link', 'add', 'other0', 'type', 'bridge']);
      await sandbox.run(['ip', 'address', 'add', '198.51.100.9/24', 'dev', 'other0']);
      await sandbox.run(['ip', 'link', 'set', 'dev', 'other0', 'up']);
      await sandbox.run(['ip', 'route', 'delete', 'default', 'dev', ifname]);
      await sandbox.run(['ip', 'route', 'add', 'default', 'via', own.gateway, 'dev', 'other0', 'onlink']);
    },
  }),
];

/** A link of the host that the result lists and only this attachment uses: the port of a bridge. */
async function ownPort({ host }: Bench, { result }: Added): Promise<{ name: string; master: string }> {
  const links = await linksOf(host);
  const port = hostInterfaces(result).find(({ name }) => links.get(name)?.master !== undefined);
  skipUnless(port, 'the result lists no port of a bridge');
  return { name: port.name, master: links.get(port.name)!.master! };
}

const onHost: Case[] = [
  finds({
    id: 'CHK-21',
    title: "CHECK fails when the host's end is no longer a port of the bridge",
    async damage(bench, added) {
      const { name } = await ownPort(bench, added);
      await bench.host.run(['ip', 'link', 'set', 'dev', name, 'nomaster']);
    },
  }),
  finds({
    id: 'CHK-22',
    title: 'CHECK fails when the bridge is gone',
    async damage(bench, added) {
      const { master } = await ownPort(bench, added);
      await bench.host.run(['ip', 'link', 'delete', master]);
    },
  }),
  finds({
    id: 'CHK-23',
    title: "CHECK fails when the host's end is down",
    async damage(bench, added) {
      const { name } = await ownPort(bench, added);
      await bench.host.run(['ip', 'link', 'set', 'dev', name, 'down']);
    },
  }),
  finds({
    id: 'CHK-24',
    title: 'CHECK fails when the gateway address is gone from the host',
    async damage(bench, { result }) {
      const gateway = result.ips?.find((ip) => ip.gateway !== undefined)?.gateway;
      const links = [...(await linksOf(bench.host)).values()];
      const holder = links.find((link) =>
        globalAddresses(link).some((address) => address.startsWith(`${gateway ?? ''}/`)),
      );
      skipUnless(holder, 'no link of the host has the gateway address');
      await bench.host.run(['ip', 'address', 'flush', 'dev', holder.ifname, 'to', gateway!]);
    },
  }),
  finds({
    id: 'CHK-25',
    title: 'CHECK fails when the packet filter rules that ADD made are gone',
    async damage(bench) {
      const rules = (await bench.host.snapshot()).filter((line) =>
        /^(nft rule|ip6?tables .* -A )/.test(line),
      );
      skipUnless(rules.length > 0, 'ADD makes no packet filter rule');
      await flushRules(bench);
    },
  }),
  {
    id: 'CHK-26',
    title:
      'CHECK fails when the address reservation is lost, unless the plugin still keeps the address from others',
    section: 'check',
    severity: 'SHOULD',
    needs: [...needs, hasNarrowablePool],
    async run(bench) {
      const pool = poolOf(1);
      const { attachment, result } = await bench.add(await bench.attachment(), pool);
      const files = await stateFiles(bench);
      skipUnless(
        files.length > 0,
        'the plugin keeps no file in /var/lib, in /run or where the configuration says',
      );
      for (const path of files) await rm(path);
      const reply = await bench.tryCheck(attachment, pool);
      if (reply.exitCode !== 0) return;
      const other = await bench.tryAdd(await bench.attachment(), pool);
      const address = addressesOf(result).join(', ');
      ensure(
        other.exitCode !== 0,
        `CHECK succeeded, yet ${address} was no longer reserved and another container got it`,
      );
    },
  },
];

const consulted: Case[] = [
  {
    id: 'CHK-31',
    title: 'CHECK goes by prevResult: an address it lists and nobody has is an error',
    section: 'check',
    severity: 'MUST',
    needs: [...needs, makesInterface],
    async run(bench) {
      const { attachment, final } = await bench.add(await bench.attachment());
      skipUnless(final.ips?.[0]?.address.includes('.') === true, 'the result has no IPv4 address');
      const ips = final.ips.map((ip, index) => (index === 0 ? { ...ip, address: '198.51.100.9/24' } : ip));
      const reply = await bench.tryCheck(attachment, { prevResult: { ...final, ips } });
      ensureError(reply, { when: 'CHECK with an address in prevResult that nobody has' });
    },
  },
  {
    id: 'CHK-32',
    title:
      'CHECK goes by prevResult: a hardware address it lists and the interface does not have is an error',
    section: 'check',
    severity: 'MUST',
    needs: [...needs, makesInterface],
    async run(bench) {
      const { attachment, final } = await bench.add(await bench.attachment());
      const [own] = sandboxInterfaces(final, attachment.netns);
      skipUnless(own?.mac !== undefined, 'the result has no hardware address');
      const interfaces = final.interfaces?.map((entry) =>
        entry.sandbox === attachment.netns ? { ...entry, mac: '02:00:00:00:00:0d' } : entry,
      );
      const reply = await bench.tryCheck(attachment, { prevResult: { ...final, interfaces } });
      ensureError(reply, {
        when: 'CHECK with a hardware address in prevResult that the interface does not have',
      });
    },
  },
  {
    id: 'CHK-33',
    title: 'CHECK goes by prevResult: when it lists no CNI_IFNAME in the sandbox, that is an error',
    section: 'check',
    severity: 'SHOULD',
    needs: [...needs, makesInterface],
    async run(bench) {
      const { attachment, final } = await bench.add(await bench.attachment());
      const interfaces = final.interfaces?.map((entry) =>
        entry.sandbox === attachment.netns ? { ...entry, name: 'absent0' } : entry,
      );
      const reply = await bench.tryCheck(attachment, { prevResult: { ...final, interfaces } });
      ensureError(reply, { when: 'CHECK with "absent0" in prevResult instead of "eth0"' });
    },
  },
  {
    id: 'CHK-34',
    title: 'CHECK without prevResult is refused: there is nothing to go by',
    section: 'check',
    severity: 'SHOULD',
    needs,
    async run(bench) {
      const { attachment } = await bench.add(await bench.attachment());
      ensureError(await bench.tryCheck(attachment, { prevResult: null }), {
        when: 'CHECK without prevResult',
      });
    },
  },
];

const later: Case[] = [
  accepts({
    id: 'CHK-41',
    title: 'CHECK accepts a route that a later plugin added',
    async change(_, { attachment, final }) {
      const [address] = globalAddresses((await linksOf(attachment.sandbox)).get('eth0'));
      skipUnless(address?.includes('.') === true, 'ADD sets no IPv4 address');
      await attachment.sandbox.run(['ip', 'route', 'add', '203.0.113.0/24', 'dev', 'eth0']);
      return { ...final, routes: [...(final.routes ?? []), { dst: '203.0.113.0/24' }] };
    },
  }),
  accepts({
    id: 'CHK-42',
    title: 'CHECK accepts that a later plugin took a route away, and its entry with it',
    async change(_, { attachment, final }) {
      const [route, ...rest] = final.routes ?? [];
      skipUnless(route?.dst.includes('.') === true, 'the result has no IPv4 route');
      await attachment.sandbox.run(['ip', 'route', 'delete', route.dst]);
      return { ...final, routes: rest };
    },
  }),
  accepts({
    id: 'CHK-43',
    title: 'CHECK accepts a hardware address that a later plugin changed',
    async change(_, { attachment, final }) {
      const { sandbox, netns } = attachment;
      const mac = '02:00:00:00:00:0a';
      const routes = (await routesOf(sandbox)).filter(({ gateway }) => gateway !== undefined);
      await sandbox.run(['ip', 'link', 'set', 'dev', 'eth0', 'address', mac]);
      ensure((await routesOf(sandbox)).length >= routes.length, 'Changing the hardware address lost a route');
      const interfaces = (final.interfaces ?? []).map((entry) =>
        entry.sandbox === netns && entry.name === 'eth0' ? { ...entry, mac } : entry,
      );
      return { ...final, interfaces };
    },
  }),
  accepts({
    id: 'CHK-44',
    title: 'CHECK accepts an interface with an address that a later plugin made',
    async change({ version }, { attachment, final }) {
      const { sandbox, netns } = attachment;
      await sandbox.run(['ip', 'link', 'add', 'later0', 'address', '02:00:00:00:00:0b', 'type', 'bridge']);
      await sandbox.run(['ip', 'address', 'add', '198.51.100.11/24', 'dev', 'later0']);
      await sandbox.run(['ip', 'link', 'set', 'dev', 'later0', 'up']);
      const interfaces = [
        ...(final.interfaces ?? []),
        { name: 'later0', mac: '02:00:00:00:00:0b', sandbox: netns },
      ];
      const address = { address: '198.51.100.11/24', interface: interfaces.length - 1 };
      return {
        ...final,
        interfaces,
        ips: [...(final.ips ?? []), { ...address, ...(version === '0.4.0' ? { version: '4' } : {}) }],
      };
    },
  }),
  accepts({
    id: 'CHK-45',
    title: 'CHECK accepts what a later plugin did and no result shows: another MTU, a second address',
    async change(_, { attachment, final }) {
      await attachment.sandbox.run(['ip', 'link', 'set', 'dev', 'eth0', 'mtu', '1400']);
      await attachment.sandbox.run(['ip', 'address', 'add', '198.51.100.12/32', 'dev', 'eth0']);
      return final;
    },
  }),
  accepts({
    id: 'CHK-46',
    title: 'CHECK accepts rules of others in the packet filter',
    async change({ host }, { final }) {
      await host.run(['nft', '-f', '-'], {
        input:
          'table inet conformance {\n chain forward { type filter hook forward priority 10; policy accept; }\n}\n',
      });
      return final;
    },
  }),
];

export const checkFamily: Family = {
  prefix: 'CHK',
  title: 'CHECK',
  cases: [...healthy, ...routed, ...inSandbox, ...onHost, ...consulted, ...later],
};
