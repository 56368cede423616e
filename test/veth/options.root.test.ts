import { writeFile } from 'node:fs/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { allocated, attach, invoke, pairs } from '../fixtures/plugin.ts';
import { reaches } from '../fixtures/traffic.ts';
import { describeUnlessLacking } from '../profiles/lacking.ts';

let host: Host;
let sandbox: Sandbox;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost({ tmpfs: ['/etc/cni'] });
  sandbox = await host.addSandbox();
});
afterEach(() => host.dispose());

async function refusal(conf: Readonly<Record<string, unknown>>) {
  const before = await host.snapshot();
  const { json } = await invoke(host, 'ADD', { netns: sandbox.path, conf });
  expect([await host.snapshot(), await pairs(host), await allocated(host)]).toEqual([before, [], []]);
  return json;
}

describe('sysctl', () => {
  it('sets what the configuration says, in the sandbox only', async () => {
    const sysctl = { 'net.ipv4.conf.IFNAME.log_martians': '1', 'net/core/somaxconn': '512' };
    await attach(host, sandbox, { conf: { sysctl } });
    expect(await sandbox.run(['cat', '/proc/sys/net/ipv4/conf/eth0/log_martians'])).toBe('1\n');
    expect(await sandbox.run(['cat', '/proc/sys/net/core/somaxconn'])).toBe('512\n');
    expect(await host.run(['cat', '/proc/sys/net/core/somaxconn'])).not.toBe('512\n');
  });

  it.each([
    [{ 'kernel.panic': '1' }, 'Invalid "sysctl.kernel.panic"'],
    [{ 'net/../kernel/panic': '1' }, 'Invalid "sysctl.net/../kernel/panic"'],
    [{ 'net.core.somaxconn': 1 }, 'Invalid "sysctl.net.core.somaxconn"'],
    [{ 'net.core.somaxconn': '1', 'net/core/somaxconn': '2' }, 'Invalid "sysctl.net/core/somaxconn"'],
  ])('refuses %j', async (sysctl, message) => {
    expect(await refusal({ sysctl })).toMatchObject({ code: 7, msg: expect.stringContaining(message) });
  });

  it("refuses what the host's allow-list does not have", async () => {
    await host.run(['mkdir', '-p', '/etc/cni/tuning']);
    await writeFile(
      host.file('/etc/cni/tuning/allowlist.conf'),
      '^net\\.ipv4\\.conf\\.[a-z0-9]*\\.arp_.*$\n',
    );
    expect(await refusal({ sysctl: { 'net.core.somaxconn': '512' } })).toMatchObject({
      code: 7,
      msg: 'Invalid "sysctl": key "net.core.somaxconn" is not allowed on this host',
    });
    await attach(host, sandbox, { conf: { sysctl: { 'net.ipv4.conf.IFNAME.arp_notify': '1' } } });
  });

  it('says which one the kernel does not know, and leaves nothing', async () => {
    const before = await host.run(['ip', '-o', 'link', 'show', 'type', 'veth']);
    const { json } = await invoke(host, 'ADD', {
      netns: sandbox.path,
      conf: { sysctl: { 'net.ipv4.no_such_key': '1' } },
    });
    expect(json).toMatchObject({ code: 101, msg: 'Cannot set the sysctls of the sandbox' });
    expect(json.details).toContain('/proc/sys/net/ipv4/no_such_key');
    expect(await host.run(['ip', '-o', 'link', 'show', 'type', 'veth'])).toBe(before);
    expect(await allocated(host)).toEqual([]);
  });
});

describe('IPv6 that is switched off by sysctl', () => {
  const OFF = ['all', 'default'].map((name) => `net.ipv6.conf.${name}.disable_ipv6=1`);
  const ipv6 = { ipam: { ranges: [[{ subnet: '10.87.1.0/24' }], [{ subnet: 'fd00:87::/64' }]] } };
  const isOff = async (name: string) =>
    (await sandbox.run(['cat', `/proc/sys/net/ipv6/conf/${name}/disable_ipv6`])).trim();

  it('in the sandbox is switched on for the interface that gets an address, and for lo', async () => {
    await sandbox.run(['sysctl', '-q', '-w', ...OFF]);
    await attach(host, sandbox, { conf: ipv6 });
    expect(await reaches(sandbox, 'fd00:87::1')).toBe(true);
    expect(await Promise.all(['lo', 'eth0', 'default'].map(isOff))).toEqual(['0', '0', '1']);
  });

  it('in the sandbox stays off for a network of IPv4', async () => {
    await sandbox.run(['sysctl', '-q', '-w', ...OFF]);
    await attach(host, sandbox);
    expect(await Promise.all(['lo', 'eth0'].map(isOff))).toEqual(['1', '1']);
  });

  it('on the host is switched on for the bridge', async () => {
    await host.run(['sysctl', '-q', '-w', ...OFF]);
    await attach(host, sandbox, { conf: ipv6 });
    expect(await reaches(sandbox, 'fd00:87::1')).toBe(true);
  });
});

it('an IPv6 address is refused by name on a kernel without IPv6, and nothing is left', async () => {
  await host.run(['mount', '-t', 'tmpfs', 'tmpfs', '/proc/sys/net/ipv6']);
  const json = await refusal({ ipam: { subnet: 'fd00:87::/64' } });
  expect(json.msg).toBe('Cannot give an IPv6 address on network "flatnet": the kernel runs without IPv6');
});

const LIMITS = {
  ingressRate: 8_000_000,
  ingressBurst: 800_000,
  egressRate: 4_000_000,
  egressBurst: 400_000,
};

describeUnlessLacking(
  'bandwidth',
  () => invoke(host, 'ADD', { netns: sandbox.path, conf: LIMITS }),
  () => {
    async function qdiscs() {
      return JSON.parse(await host.run(['tc', '-j', 'qdisc', 'show'])).filter(
        ({ kind }: any) => kind === 'tbf',
      );
    }

    it('limits both directions, and a packet still passes', async () => {
      await attach(host, sandbox, { conf: { runtimeConfig: { bandwidth: LIMITS } } });
      const rates = (await qdiscs()).map(({ options }: any) => options.rate);
      expect(rates.toSorted((a: number, b: number) => a - b)).toEqual([500_000, 1_000_000]);
      expect(await reaches(sandbox, '10.87.1.1')).toBe(true);
      const [ifb] = JSON.parse(await host.run(['ip', '-j', '-s', 'link', 'show', 'type', 'ifb']));
      expect(ifb.stats64.tx.packets).toBeGreaterThan(0);
    });

    it('takes the keys of the network too, and any case from containerd', async () => {
      await attach(host, sandbox, { conf: { ingressRate: 8_000_000, ingressBurst: 800_000 } });
      expect(await qdiscs()).toHaveLength(1);
      const second = await host.addSandbox();
      const bandwidth = { IngressRate: 8_000_000, IngressBurst: 800_000 };
      await attach(host, second, { containerID: 'second', conf: { runtimeConfig: { bandwidth } } });
      expect(await qdiscs()).toHaveLength(2);
    });

    it('leaves nothing after DEL', async () => {
      await attach(host, sandbox, { conf: LIMITS });
      await invoke(host, 'DEL', { netns: sandbox.path, conf: LIMITS });
      expect(await qdiscs()).toEqual([]);
      expect(await host.run(['ip', 'link', 'show', 'type', 'ifb'])).toBe('');
    });

    describe('of a container that died without DEL', () => {
      const GC = { cniVersion: '1.1.0', 'cni.dev/valid-attachments': [] };
      const ifbs = () => host.run(['ip', '-br', 'link', 'show', 'type', 'ifb']);

      beforeEach(async () => {
        await attach(host, sandbox, { conf: LIMITS });
        await sandbox.run(['ip', 'link', 'del', 'eth0']);
      });

      it('is removed by flatnet ipam gc, unless it only shows what it would free', async () => {
        await host.run([EXECUTABLE, 'ipam', 'gc', '--dry-run']);
        expect(await ifbs()).toMatch(/^fb/);
        const said = await host.run([EXECUTABLE, 'ipam', 'gc']);
        expect(said).toMatch(
          /^Freed:\n.*\nRemoved the bandwidth limits of containers that are gone: fb\w{13}\n$/,
        );
        expect(await ifbs()).toBe('');
      });

      it('is removed by GC, although nothing remembers the container', async () => {
        await host.run(['rm', '/var/lib/flatnet/ipam/allocations.json']);
        expect((await invoke(host, 'GC', { conf: GC })).exitCode).toBe(0);
        expect(await ifbs()).toBe('');
      });

      it('is the only one that is removed', async () => {
        await attach(host, await host.addSandbox(), { containerID: 'second', conf: LIMITS });
        const valid = [{ containerID: 'second', ifname: 'eth0' }];
        await invoke(host, 'GC', { conf: { ...GC, 'cni.dev/valid-attachments': valid } });
        expect((await ifbs()).match(/^fb/gm)).toHaveLength(1);
        expect(await qdiscs()).toHaveLength(2);
      });
    });
  },
);

describe('bandwidth', () => {
  it('refuses a rate without a burst', async () => {
    expect(await refusal({ ingressRate: 8_000_000 })).toMatchObject({
      code: 7,
      msg: 'Invalid "ingressBurst" in the configuration of network "flatnet": 0',
    });
  });
});

describe('ipam.resolvConf', () => {
  it('gives the resolver settings of that file, and DEL does not need it', async () => {
    await writeFile(
      host.file('/run/resolv.conf'),
      '# by hand\nnameserver 192.0.2.53\nnameserver 2001:db8::53\nsearch a.example b.example\noptions ndots:2\n',
    );
    const conf = { ipam: { ranges: [[{ subnet: '10.87.1.0/24' }]], resolvConf: '/run/resolv.conf' } };
    const { dns } = await attach(host, sandbox, { conf });
    expect(dns).toEqual({
      nameservers: ['192.0.2.53', '2001:db8::53'],
      search: ['a.example', 'b.example'],
      options: ['ndots:2'],
    });
    await host.run(['rm', '/run/resolv.conf']);
    expect((await invoke(host, 'DEL', { netns: sandbox.path, conf })).exitCode).toBe(0);
    expect(await allocated(host)).toEqual([]);
    expect(await refusal({ ...conf }).catch((error: unknown) => error)).toBeDefined();
  });
});

describe('a MAC that was asked for', () => {
  it.each(['net', 'conf', 'ipv6', 'box0'])('is told to the neighbours of interface "%s"', async (ifname) => {
    await attach(host, sandbox, { ifname, args: 'MAC=02:00:00:00:00:07' });
    for (const key of [`ipv4.conf.${ifname}.arp_notify`, `ipv6.conf.${ifname}.ndisc_notify`]) {
      expect(await sandbox.run(['sysctl', '-n', `net.${key}`]), key).toBe('1\n');
    }
  });
});

describe('an address that changes hands', () => {
  const DUAL = { ipam: { ranges: [[{ subnet: '10.87.1.0/24' }], [{ subnet: 'fd00:87::/64' }]] } };
  const IPS = ['10.87.1.50', 'fd00:87::50'];
  const OWN_MAC = '0a:58:0a:57:01:32';

  /** Attaches a container with those addresses; the MAC is what the addresses make where none is asked for. */
  async function hold(containerID: string, mac: string | undefined): Promise<void> {
    const box = await host.addSandbox(containerID);
    const args = `IP=${IPS.join(',')}${mac === undefined ? '' : `;MAC=${mac}`}`;
    await attach(host, box, { containerID, conf: DUAL, args });
  }

  async function neighbour(peer: Sandbox, address: string) {
    return JSON.parse(await peer.run(['ip', '-j', '-s', 'neigh', 'show', address]))[0];
  }

  it.each([
    ['of its own to another', '02:00:00:00:00:01', '02:00:00:00:00:02'],
    ['of its own to that of the address', '02:00:00:00:00:01', undefined],
    ['of the address to one of its own', undefined, '02:00:00:00:00:02'],
  ])('answers at once over IPv4 and IPv6: from a MAC %s', async (_how, before, after) => {
    const peer = await host.addSandbox('peer');
    await attach(host, peer, { containerID: 'peer', conf: DUAL });
    await hold('first', before);
    for (const address of IPS) {
      expect([await reaches(host, address), await reaches(peer, address)]).toEqual([true, true]);
    }
    await invoke(host, 'DEL', { containerID: 'first', conf: DUAL });
    // The kernel takes no news of an IPv4 neighbour within a second of the last (locktime).
    const age = async () => (await neighbour(peer, '10.87.1.50')).updated;
    await expect.poll(age, { timeout: 20_000 }).toBeGreaterThan(1);
    await hold('heir', after);
    for (const address of IPS) {
      expect([address, (await neighbour(peer, address)).lladdr]).toEqual([address, after ?? OWN_MAC]);
      expect([await reaches(host, address), await reaches(peer, address)]).toEqual([true, true]);
    }
  });
});
