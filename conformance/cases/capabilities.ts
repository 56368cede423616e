import type { Bench } from '../bench.ts';
import { ensure, skipUnless, type Case, type Family } from '../case.ts';
import { ensureEqual, ensureError, ensureUnchanged } from '../expect.ts';
import { globalAddresses, linksOf } from '../inspect.ts';
import { hasNarrowablePool, makesInterface, takesCapability } from '../needs.ts';
import { poolAddress } from '../pool.ts';
import { addressesOf, sandboxInterfaces, type AddResult } from '../result.ts';
import { pluginUnderTest } from '../subject.ts';
import { listen, reach } from '../traffic.ts';
import { UPLINK } from '../world.ts';

const MAC = '02:00:00:00:00:0c';

/** An address of the configured range that would not be the next one. A plugin may require its prefix length. */
function chosenAddress(bench: Bench, index = 6): string {
  return poolAddress(pluginUnderTest(bench.subject), index)!;
}

async function ensureGiven(
  bench: Bench,
  address: string,
  request: Parameters<Bench['attachment']>[0],
  args?: object,
): Promise<void> {
  const variation = args === undefined ? {} : { keys: { args } };
  const { result, attachment } = await bench.add(await bench.attachment(request), variation);
  const given = addressesOf(result);
  const bare = address.split('/')[0]!;
  ensure(given.includes(bare), `The result has ${given.join(', ')}, wanted ${bare}`);
  const present = globalAddresses((await linksOf(attachment.sandbox)).get('eth0'));
  ensure(
    present.some((entry) => entry.startsWith(`${bare}/`)),
    `${bare} is not among ${present.join(', ')}`,
  );
}

const addresses: Case[] = [
  {
    id: 'CAP-01',
    title: 'CNI_ARGS IP= gives that address',
    section: 'cniArgs',
    severity: 'SHOULD',
    needs: [makesInterface, hasNarrowablePool],
    run: (bench) =>
      ensureGiven(bench, chosenAddress(bench), { args: `IgnoreUnknown=1;IP=${chosenAddress(bench)}` }),
  },
  {
    id: 'CAP-02',
    title: 'args.cni.ips gives that address',
    section: 'args',
    severity: 'SHOULD',
    needs: [makesInterface, hasNarrowablePool],
    run: (bench) => ensureGiven(bench, chosenAddress(bench), {}, { cni: { ips: [chosenAddress(bench)] } }),
  },
  {
    id: 'CAP-03',
    title: 'the capability "ips" gives that address',
    section: 'capabilities',
    severity: 'SHOULD',
    needs: [takesCapability('ips'), hasNarrowablePool],
    run: (bench) =>
      ensureGiven(bench, chosenAddress(bench), { capabilityArguments: { ips: [chosenAddress(bench)] } }),
  },
  {
    id: 'CAP-04',
    title: 'an address asked for that another container has is refused, and the other keeps it',
    section: 'cniArgs',
    severity: 'SHOULD',
    needs: [makesInterface, hasNarrowablePool],
    async run(bench) {
      const args = `IgnoreUnknown=1;IP=${chosenAddress(bench)}`;
      const { attachment } = await bench.add(await bench.attachment({ args }));
      const before = await attachment.sandbox.snapshot();
      ensureError(await bench.tryAdd(await bench.attachment({ args })), {
        when: `ADD with ${args}, which is in use`,
      });
      ensureUnchanged(
        before,
        await attachment.sandbox.snapshot(),
        'The refused ADD changed the container that has it',
      );
    },
  },
  {
    id: 'CAP-05',
    title: 'an address asked for that lies in no subnet of the network is refused',
    section: 'cniArgs',
    severity: 'SHOULD',
    needs: [makesInterface, hasNarrowablePool],
    async run(bench) {
      const args = 'IgnoreUnknown=1;IP=203.0.113.77/24';
      ensureError(await bench.tryAdd(await bench.attachment({ args })), { when: `ADD with ${args}` });
    },
  },
  {
    id: 'CAP-07',
    title: 'CNI_ARGS IP= is ignored when args.cni.ips is there as well',
    section: 'cniArgs',
    severity: 'MUST',
    needs: [makesInterface, hasNarrowablePool],
    async run(bench) {
      const chosen = chosenAddress(bench);
      const args = { cni: { ips: [chosen] } };
      const first = await bench.tryAdd(await bench.attachment(), { keys: { args } });
      skipUnless(
        addressesOf((first.document ?? {}) as AddResult).includes(chosen.split('/')[0]!),
        'the plugin does not understand args.cni.ips (CAP-02)',
      );
      const other = { cni: { ips: [chosenAddress(bench, 7)] } };
      const cniArgs = `IgnoreUnknown=1;IP=${chosenAddress(bench, 8)}`;
      await ensureGiven(bench, chosenAddress(bench, 7), { args: cniArgs }, other);
    },
  },
  {
    id: 'CAP-06',
    title: 'the capability "ipRanges" gives an address of that range',
    section: 'capabilities',
    severity: 'SHOULD',
    needs: [takesCapability('ipRanges')],
    async run(bench) {
      const ipRanges = [[{ subnet: '10.210.0.0/24', rangeStart: '10.210.0.40', rangeEnd: '10.210.0.49' }]];
      const { result } = await bench.add(await bench.attachment({ capabilityArguments: { ipRanges } }));
      const given = addressesOf(result);
      ensure(
        given.some((address) => /^10\.210\.0\.4\d$/.test(address)),
        `The result has ${given.join(', ')}`,
      );
    },
  },
];

const interfaces: Case[] = [
  {
    id: 'CAP-11',
    title: 'the capability "mac" gives that hardware address',
    section: 'capabilities',
    severity: 'SHOULD',
    needs: [takesCapability('mac')],
    async run(bench) {
      const { attachment, result } = await bench.add(
        await bench.attachment({ capabilityArguments: { mac: MAC } }),
      );
      ensureEqual(
        (await linksOf(attachment.sandbox)).get('eth0')?.address,
        MAC,
        'The hardware address of "eth0"',
      );
      const [own] = sandboxInterfaces(result, attachment.netns);
      if (own !== undefined) ensureEqual(own.mac?.toLowerCase(), MAC, '"mac" of "eth0" in the result');
    },
  },
  {
    id: 'CAP-12',
    title: 'the capability "dns" is in the result',
    section: 'capabilities',
    severity: 'SHOULD',
    needs: [takesCapability('dns')],
    async run(bench) {
      const dns = { servers: ['192.0.2.54'], searches: ['runtime.test'] };
      const { result } = await bench.add(await bench.attachment({ capabilityArguments: { dns } }));
      ensure(
        result.dns?.nameservers?.includes('192.0.2.54'),
        `"dns" of the result is ${JSON.stringify(result.dns)}`,
      );
    },
  },
  {
    id: 'CAP-13',
    title: 'the capability "aliases" is taken as a list, and as Podman sends it, by network',
    section: 'capabilities',
    severity: 'SHOULD',
    needs: [takesCapability('aliases')],
    async run(bench) {
      for (const aliases of [['web', 'front'], { [bench.subject.name]: ['web', '0123456789ab'] }]) {
        const { attachment } = await bench.add(await bench.attachment({ capabilityArguments: { aliases } }));
        await bench.del(attachment);
      }
    },
  },
  {
    id: 'CAP-14',
    title: 'the capability "bandwidth" is taken, and undone by DEL',
    section: 'capabilities',
    severity: 'SHOULD',
    needs: [takesCapability('bandwidth')],
    async run(bench) {
      const before = await bench.warmUp();
      const bandwidth = {
        ingressRate: 1_000_000,
        ingressBurst: 500_000,
        egressRate: 1_000_000,
        egressBurst: 500_000,
      };
      const { attachment } = await bench.add(await bench.attachment({ capabilityArguments: { bandwidth } }));
      await bench.del(attachment);
      ensureUnchanged(before, await bench.host.snapshot(), 'DEL left something on the host');
    },
  },
];

/** A container that answers on port 8080, with that port published. */
async function publish(bench: Bench, mapping: object): Promise<Awaited<ReturnType<Bench['add']>>> {
  const portMappings = [{ hostPort: 18080, containerPort: 8080, protocol: 'tcp', ...mapping }];
  const added = await bench.add(await bench.attachment({ capabilityArguments: { portMappings } }));
  await listen(added.attachment.sandbox);
  return added;
}

const PUBLISHED = { address: UPLINK.address, port: 18080 };

const ports: Case[] = [
  {
    id: 'CAP-21',
    title: 'a published TCP port is reached from outside',
    section: 'capabilities',
    severity: 'SHOULD',
    needs: [takesCapability('portMappings')],
    async run(bench) {
      await publish(bench, {});
      const seen = await reach(bench.host.outside, PUBLISHED);
      ensure(seen !== undefined, `${PUBLISHED.address}:${PUBLISHED.port} has no answer from outside`);
    },
  },
  {
    id: 'CAP-22',
    title: 'a published UDP port is reached from outside',
    section: 'capabilities',
    severity: 'SHOULD',
    needs: [takesCapability('portMappings')],
    async run(bench) {
      await publish(bench, { protocol: 'udp' });
      const seen = await reach(bench.host.outside, { ...PUBLISHED, protocol: 'udp' });
      ensure(seen !== undefined, `${PUBLISHED.address}:${PUBLISHED.port}/udp has no answer from outside`);
    },
  },
  {
    id: 'CAP-23',
    title: 'a port published on one host address is not reached on another',
    section: 'capabilities',
    severity: 'SHOULD',
    needs: [takesCapability('portMappings')],
    async run(bench) {
      await bench.host.run(['ip', 'address', 'add', '192.0.2.3/24', 'dev', UPLINK.device]);
      await publish(bench, { hostIP: UPLINK.address });
      ensure(
        (await reach(bench.host.outside, PUBLISHED)) !== undefined,
        'The published address has no answer',
      );
      const other = await reach(bench.host.outside, { ...PUBLISHED, address: '192.0.2.3', withinMs: 300 });
      ensureEqual(other, undefined, 'What answers on the address that was not published');
    },
  },
  {
    id: 'CAP-24',
    title: 'DEL takes the published port back, and leaves nothing on the host',
    section: 'capabilities',
    severity: 'SHOULD',
    needs: [takesCapability('portMappings')],
    async run(bench) {
      const first = await publish(bench, {});
      await bench.del(first.attachment);
      const before = await bench.host.snapshot();
      const { attachment } = await publish(bench, { hostPort: 18081 });
      await bench.del(attachment);
      ensureUnchanged(before, await bench.host.snapshot(), 'DEL left something on the host');
      ensureEqual(
        await reach(bench.host.outside, { ...PUBLISHED, withinMs: 300 }),
        undefined,
        'What answers after DEL',
      );
    },
  },
  {
    id: 'CAP-25',
    title: 'DEL takes the published port back when the sandbox is gone and CNI_NETNS is empty',
    section: 'parameters040',
    severity: 'SHOULD',
    needs: [takesCapability('portMappings')],
    async run(bench) {
      const first = await publish(bench, {});
      await bench.del(first.attachment);
      const before = await bench.host.snapshot();
      const { attachment } = await publish(bench, { hostPort: 18081 });
      await attachment.sandbox.remove();
      await bench.del(attachment, { env: { CNI_NETNS: '' } });
      const rules = (lines: readonly string[]): string[] => lines.filter((line) => !line.startsWith('link '));
      ensureUnchanged(rules(before), rules(await bench.host.snapshot()), 'DEL left something on the host');
    },
  },
  {
    id: 'CAP-26',
    title: 'a port published again by the next container leads to that one',
    section: 'practice',
    severity: 'SHOULD',
    needs: [takesCapability('portMappings')],
    async run(bench) {
      const first = await publish(bench, {});
      await bench.del(first.attachment);
      await publish(bench, {});
      const seen = await reach(bench.host.outside, PUBLISHED);
      ensure(seen !== undefined, 'The port published for the second time has no answer from outside');
    },
  },
  {
    id: 'CAP-27',
    title: 'capability arguments are read whatever their keys are capitalised like, as containerd sends them',
    section: 'practice',
    severity: 'SHOULD',
    needs: [takesCapability('portMappings')],
    async run(bench) {
      const portMappings = [{ HostPort: 18080, ContainerPort: 8080, Protocol: 'tcp', HostIP: '' }];
      const { attachment } = await bench.add(
        await bench.attachment({ capabilityArguments: { portMappings } }),
      );
      await listen(attachment.sandbox);
      ensure(
        (await reach(bench.host.outside, PUBLISHED)) !== undefined,
        'The published port has no answer from outside',
      );
    },
  },
  {
    id: 'CAP-28',
    title: 'a published port is reached from the host itself, through its own address and through 127.0.0.1',
    section: 'practice',
    severity: 'SHOULD',
    needs: [takesCapability('portMappings')],
    async run(bench) {
      const { result } = await publish(bench, {});
      skipUnless(
        addressesOf(result).some((address) => address.includes('.')),
        'the result has no IPv4 address',
      );
      for (const address of [UPLINK.address, '127.0.0.1']) {
        const seen = await reach(bench.host, { ...PUBLISHED, address });
        ensure(seen !== undefined, `${address}:${PUBLISHED.port} has no answer from the host itself`);
      }
    },
  },
  {
    id: 'CAP-29',
    title:
      'a port published on 127.0.0.1 answers the host, and no neighbour, whatever address that one asks for',
    section: 'practice',
    severity: 'SHOULD',
    needs: [takesCapability('portMappings')],
    async run(bench) {
      const { outside } = bench.host;
      await publish(bench, { hostIP: '127.0.0.1' });
      const own = await reach(bench.host, { ...PUBLISHED, address: '127.0.0.1' });
      ensure(own !== undefined, `127.0.0.1:${PUBLISHED.port} has no answer from the host itself`);
      // A malicious neighbour: sends a packet to 127.0.0.1 over the wire.
      await outside.run(['ip', 'link', 'set', 'dev', 'lo', 'down']);
      await outside.run(['ip', 'address', 'flush', 'dev', 'lo']);
      await outside.run(['sysctl', '-qw', 'net.ipv4.conf.all.route_localnet=1']);
      await outside.run(['ip', 'route', 'add', '127.0.0.1', 'via', UPLINK.address, 'src', UPLINK.neighbour]);
      for (const address of ['127.0.0.1', UPLINK.address]) {
        const seen = await reach(outside, { ...PUBLISHED, address, withinMs: 300 });
        ensureEqual(seen, undefined, `What answers a neighbour on ${address}:${PUBLISHED.port}`);
      }
    },
  },
  {
    id: 'CAP-30',
    title: 'the late DEL of a dead container takes no port from the one that has it now',
    section: 'practice',
    severity: 'SHOULD',
    needs: [takesCapability('portMappings')],
    async run(bench) {
      const dead = await publish(bench, {});
      await dead.attachment.sandbox.remove();
      const portMappings = [{ hostPort: 18080, containerPort: 8080, protocol: 'tcp' }];
      const attachment = await bench.attachment({ capabilityArguments: { portMappings } });
      const reply = await bench.tryAdd(attachment);
      skipUnless(reply.exitCode === 0, 'the port stays with the dead container until its DEL');
      await bench.del(dead.attachment, { env: { CNI_NETNS: '' } });
      await listen(attachment.sandbox);
      const seen = await reach(bench.host.outside, PUBLISHED);
      ensure(
        seen !== undefined,
        'The port has no answer after the late DEL of the container that had it before',
      );
    },
  },
];

export const capabilityFamily: Family = {
  prefix: 'CAP',
  title: 'Arguments of the runtime',
  cases: [...addresses, ...interfaces, ...ports],
};
