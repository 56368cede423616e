import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { bytesOf } from '../../src/input/address-bytes.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { attach, invoke, pairs } from '../fixtures/plugin.ts';
import { describeUnlessLacking } from '../profiles/lacking.ts';
import { currentProfile } from '../profiles/profiles.ts';
import { addOutside, ask, HOST_ADDRESS, OUTSIDE_ADDRESS, reaches, serve } from '../fixtures/traffic.ts';

let host: Host;
let outside: Sandbox;
let a: Sandbox;
let b: Sandbox;

const RANGES = [[{ subnet: '10.91.0.0/24' }], [{ subnet: 'fd00:1::/64' }]];
const CONF = { name: 'one', bridge: 'one0', ipMasq: true, macspoofchk: true, ipam: { ranges: RANGES } };
const OPEN = { name: 'two', bridge: 'two0', ipMasq: true, ipam: { ranges: [[{ subnet: '10.92.0.0/24' }]] } };

/** Puts a kernel in place, as far as nft can show one, that has no bridge family, as WSL's. */
async function withoutBridgeFamily(): Promise<void> {
  await host.run(['cp', '--dereference', '/usr/sbin/nft', '/run/nft']);
  const refusal = "echo 'Error: Could not process rule: No such file or directory' >&2; exit 1";
  const script = `#!/bin/sh\ncase "$*" in *'add table bridge'*) ${refusal};; esac\nexec /run/nft "$@"\n`;
  await writeFile(host.file('/run/lacking-nft'), script, { mode: 0o755 });
  await host.run(['mount', '--bind', '/run/lacking-nft', '/usr/sbin/nft']);
}

beforeAll(ensureExecutable, 120_000);
afterEach(() => host.dispose());

async function start(form: 'bridge' | 'netdev'): Promise<void> {
  host = await createHost();
  if (form === 'netdev' && currentProfile(process.env) === undefined) await withoutBridgeFamily();
  outside = await addOutside(host);
  const runtimeConfig = { portMappings: [{ hostPort: 8080, containerPort: 80 }] };
  a = await container('a', { ...CONF, runtimeConfig });
  b = await container('b', CONF);
  const [bridge] = JSON.parse(await host.run(['ip', '-j', 'link', 'show', 'one0']));
  gatewayMac = bridge.address;
}

async function container(id: string, conf: Readonly<Record<string, unknown>>): Promise<Sandbox> {
  const sandbox = await host.addSandbox(id);
  await attach(host, sandbox, { containerID: id, conf });
  return sandbox;
}

/** The MAC that `a` got from its address. */
const MAC = '0a:58:0a:5b:00:02';
let gatewayMac: string;
const hex = (...parts: readonly (string | Uint8Array)[]) =>
  parts
    .map((part) => (typeof part === 'string' ? part.replaceAll(':', '') : Buffer.from(part).toString('hex')))
    .join('');

const send = (frame: string) =>
  a.run(['perl', join(import.meta.dirname, '../fixtures/frame.pl'), 'eth0', frame]);

/** How a frame may be wrapped into tags that its receiver takes for none. */
const TAGS = { 'no tag': '', 'a tag of VLAN 0': '81000000', 'two tags of VLAN 0': '88a8000081000000' };

/** ARP, RFC 826: "who has 10.91.0.3? tell 10.91.0.1", that is me. */
const arp = (tag: string) =>
  hex(
    'ff:ff:ff:ff:ff:ff',
    MAC,
    tag,
    '0806',
    '0001080006040001',
    MAC,
    bytesOf('10.91.0.1'),
    '0'.repeat(12),
    bytesOf('10.91.0.3'),
  );

/** The sum of RFC 1071 over its pseudo header. */
function checksum(bytes: Buffer): string {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += bytes.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return (0xffff - sum).toString(16).padStart(4, '0');
}

/** A neighbour advertisement, RFC 4861: "fd00:1::1 is at my MAC", to everybody. */
function advertisement(tag: string): string {
  const [source, all] = [bytesOf('fd00:1::1'), bytesOf('ff02::1')];
  const says = (sum: string) => hex('8800', sum, '20000000', source, '0201', MAC);
  const sum = checksum(Buffer.from(hex(source, all, '00000020', '0000003a', says('0000')), 'hex'));
  return hex('33:33:00:00:00:01', MAC, tag, '86dd', '60000000', '0020', '3aff', source, all, says(sum));
}

/** Counts what comes to the host through the bridge and matches. */
async function watch(match: string): Promise<() => Promise<string | undefined>> {
  await host.run([
    'nft',
    'add table inet watch; add chain inet watch in { type filter hook prerouting priority -400; }',
  ]);
  await host.run(['nft', `add rule inet watch in iifname one0 ${match} counter`]);
  return async () => /packets (\d+)/.exec(await host.run(['nft', 'list', 'table', 'inet', 'watch']))?.[1];
}

async function askForIt() {
  host = await createHost();
  const sandbox = await host.addSandbox();
  return invoke(host, 'ADD', { netns: sandbox.path, conf: CONF });
}

/** Kernels of WSL have no table of family bridge. */
const FORMS =
  currentProfile(process.env) === undefined ? (['bridge', 'netdev'] as const) : (['netdev'] as const);

describeUnlessLacking('macspoofchk', askForIt, () => {
  describe.each(FORMS)('in a table of family %s', (form) => {
    beforeEach(() => start(form));

    it('lets a container be itself, over IPv4 and IPv6', async () => {
      expect(await reaches(a, '10.91.0.3')).toBe(true);
      expect(await reaches(a, 'fd00:1::3')).toBe(true);
      expect(await reaches(a, OUTSIDE_ADDRESS)).toBe(true);
    });

    it('lets it be reached from everywhere: through a published port, from another network, by a route', async () => {
      await serve(a, { port: 80, answer: 'web' });
      expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('web');
      expect(await ask(a, HOST_ADDRESS, 8080)).toBe('web');
      expect(await reaches(await container('c', OPEN), '10.91.0.2')).toBe(true);
      await outside.run(['ip', 'route', 'add', '10.91.0.0/24', 'via', HOST_ADDRESS]);
      expect(await reaches(outside, '10.91.0.2')).toBe(true);
    });

    it('lets it send to groups, from its link-local address as well, and ask for an address by DHCP', async () => {
      const packets = await watch('ip daddr 239.1.1.1 udp dport 9');
      await a.run(['bash', '-c', 'echo > /dev/udp/239.1.1.1/9']);
      await expect.poll(packets).toBe('1');
      expect(await reaches(a, 'ff02::1%eth0')).toBe(true);
      const discover = await watch('ip saddr 0.0.0.0 ip daddr 255.255.255.255 udp dport 67');
      const [header, ports] = ['4500001c00000000401179d2', '0044004300080000'];
      await send(hex('ff:ff:ff:ff:ff:ff', MAC, '0800', header, '00000000', 'ffffffff', ports));
      await expect.poll(discover).toBe('1');
    });

    it('stops one that takes another MAC', async () => {
      await a.run(['ip', 'link', 'set', 'dev', 'eth0', 'address', '02:00:00:00:00:66']);
      expect(await reaches(a, '10.91.0.3')).toBe(false);
    });

    it('stops one that takes another address, by ARP and by neighbour discovery', async () => {
      await a.run(['ip', 'address', 'add', '10.91.0.66/24', 'dev', 'eth0']);
      await a.run(['ip', 'address', 'add', 'fd00:1::66/64', 'dev', 'eth0', 'nodad']);
      expect(await reaches(host, '10.91.0.66')).toBe(false);
      expect(await reaches(host, 'fd00:1::66')).toBe(false);
      expect(await reaches(host, '10.91.0.2')).toBe(true);
      expect(await reaches(host, 'fd00:1::2')).toBe(true);
    });

    it.each([
      { gateway: '10.91.0.1', victim: '10.91.0.3', match: 'ip saddr', added: ['10.91.0.3/32'] },
      // Deprecated: not what the kernel chooses by itself.
      {
        gateway: 'fd00:1::1',
        victim: 'fd00:1::3',
        match: 'ip6 saddr',
        added: ['fd00:1::3/128', 'nodad', 'preferred_lft', '0'],
      },
    ])('stops what one sends as $victim without asking for it', async ({ gateway, victim, match, added }) => {
      await a.run(['ip', 'address', 'add', ...added, 'dev', 'eth0']);
      await a.run(['ip', 'neigh', 'replace', gateway, 'lladdr', gatewayMac, 'dev', 'eth0']);
      const packets = await watch(`${match} ${victim}`);
      await a.exec(['busybox', 'ping', '-c', '1', '-W', '1', '-I', victim, gateway]);
      expect(await reaches(a, gateway)).toBe(true);
      expect(await packets()).toBe('0');
    });

    it.each(Object.entries(TAGS))('stops one that says it were the gateway, with %s', async (_name, tag) => {
      for (const gateway of ['10.91.0.1', 'fd00:1::1']) {
        await b.run(['ip', 'neigh', 'replace', gateway, 'lladdr', gatewayMac, 'dev', 'eth0', 'nud', 'stale']);
      }
      await send(arp(tag));
      await send(advertisement(tag));
      // What comes after them has come: they would have been heard.
      expect(await reaches(a, '10.91.0.3')).toBe(true);
      const known = [4, 6].map((family) => b.run(['ip', `-${family}`, 'neigh', 'show', 'dev', 'eth0']));
      expect((await Promise.all(known)).map((text) => /^\S+1 lladdr (\S+)/m.exec(text)?.[1])).toEqual([
        gatewayMac,
        gatewayMac,
      ]);
    });

    const table = () => host.run(['nft', 'list', 'table', form, 'flatnet']);

    it('leaves nothing of a container that is gone', async () => {
      for (const containerID of ['a', 'b']) await invoke(host, 'DEL', { containerID, conf: CONF });
      expect(await table()).not.toMatch(/elements|chain fn/);
    });

    it('leaves nothing, after GC, of one that died without DEL', async () => {
      const conf = { ...CONF, cniVersion: '1.1.0', 'cni.dev/valid-attachments': [] };
      for (const name of await pairs(host)) await host.run(['ip', 'link', 'del', name]);
      expect((await invoke(host, 'GC', { conf })).exitCode).toBe(0);
      expect(await table()).not.toMatch(/elements|chain fn/);
    });

    it('is named by CHECK when it is gone, and put back by reload', async () => {
      const c = await host.addSandbox('c');
      const prevResult = await attach(host, c, { containerID: 'c', conf: { ...CONF, cniVersion: '1.0.0' } });
      const check = () =>
        invoke(host, 'CHECK', {
          containerID: 'c',
          netns: c.path,
          conf: { ...CONF, cniVersion: '1.0.0', prevResult },
        });
      expect((await check()).stdout).toBe('');
      await host.run(['nft', 'delete', 'table', form, 'flatnet']);
      expect((await check()).json).toMatchObject({ code: 101, details: expect.stringContaining('reload') });
      await host.run([EXECUTABLE, 'reload']);
      expect((await check()).stdout).toBe('');
      await c.run(['ip', 'address', 'add', '10.91.0.66/24', 'dev', 'eth0']);
      expect(await reaches(host, '10.91.0.66')).toBe(false);
    });

    it('ends with the attachment that asked for it', async () => {
      await invoke(host, 'DEL', { containerID: 'a', conf: CONF });
      await host.run(['ip', 'netns', 'del', 'a']);
      const again = await container('a', { ...CONF, macspoofchk: false });
      await again.run(['ip', 'address', 'add', '10.91.0.66/24', 'dev', 'eth0']);
      expect(await reaches(host, '10.91.0.66')).toBe(true);
    });

    it('holds also for a MAC that was asked for', async () => {
      const sandbox = await host.addSandbox('c');
      await attach(host, sandbox, { containerID: 'c', conf: CONF, args: 'MAC=02:00:00:00:00:07' });
      expect(await reaches(sandbox, '10.91.0.1')).toBe(true);
      expect(await reaches(sandbox, 'fd00:1::1')).toBe(true);
    });
  });
});
