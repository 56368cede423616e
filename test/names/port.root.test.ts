import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Place } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { invoke } from '../fixtures/plugin.ts';
import { addOutside, ask, askUdp, HOST_ADDRESS, serve } from '../fixtures/traffic.ts';
import { callFor, createLab, type Lab } from './lab.ts';

/* Who else may have port 53 of the bridge's address: a server of the host on all addresses, a container that publishes it. */

let lab: Lab;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  lab = await createLab();
});
afterEach(() => lab.dispose());

const SERVERS = ['10.87.1.1', 'fd00:87::1'];
const BOTH = { ipam: { ranges: [[{ subnet: '10.87.1.0/24' }], [{ subnet: 'fd00:87::/64' }]] } };

/** What a place finds for a name at both addresses of the bridge, over UDP and over TCP. */
async function found(place: Place, name: string): Promise<readonly string[]> {
  const answers: string[] = [];
  for (const server of SERVERS) {
    await writeFile(
      lab.host.file('/etc/resolv.conf'),
      `nameserver ${server}\noptions timeout:1 attempts:1\n`,
    );
    for (const options of ['', 'use-vc']) {
      const { stdout } = await place.exec(['env', `RES_OPTIONS=${options}`, 'getent', 'ahostsv4', name]);
      answers.push(stdout.split(' ')[0] ?? '');
    }
  }
  return answers;
}

const four = (address: string) => Array.from({ length: 4 }, () => address);

async function setServer(...args: readonly string[]): Promise<void> {
  const own = [
    '--no-resolv',
    '--no-hosts',
    '--pid-file=/run/host-dns.pid',
    '--address=/host.example/198.51.100.7',
  ];
  await lab.host.run(['dnsmasq', '--conf-file=/dev/null', ...own, ...args]);
}

/** Elements that lead questions somewhere. */
async function leads(): Promise<readonly string[]> {
  const { stdout } = await lab.host.exec(['nft', 'list', 'table', 'inet', 'flatnet']);
  return stdout.match(/"[^"]+" \. \S+ \. (udp|tcp) \. (53|domain) : \S+ \. \S+?(?=[ ,\n])/g) ?? [];
}

async function ports(): Promise<readonly string[]> {
  const lines = await Promise.all(
    (await lab.servers()).map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8')),
  );
  return lines.flatMap((line) => /--port=(\d+)/.exec(line)?.[1] ?? []);
}

describe('where a server of the host has port 53 on all addresses', () => {
  it('names resolve, that server answers, and all is as it was after the last container', async () => {
    const outside = await addOutside(lab.host);
    await setServer();
    const closed = 'add chain inet filter input { type filter hook input priority 0; policy drop; }';
    // IPv6 finds no neighbour without its messages, as every firewall knows.
    const icmp = 'add rule inet filter input meta l4proto ipv6-icmp accept';
    const rules = [
      'add table inet filter',
      closed,
      icmp,
      'add rule inet filter input iifname { "lo", "up0" } accept',
    ];
    await lab.host.run(['nft', '-f', '-'], { input: rules.join('\n') });
    const web = await lab.add('web', { conf: BOTH });
    await lab.add('db', { conf: BOTH });
    const db = lab.box('db');
    expect(web.dns.nameservers).toEqual(SERVERS);
    expect(await found(db, 'web.flatnet')).toEqual(four('10.87.1.2'));
    expect(await found(lab.host, 'web.flatnet')).toEqual(four('10.87.1.2'));
    // Asks the server of the host's resolv.conf, which is itself.
    const nobody = lab.host.exec(['getent', 'ahostsv4', 'nobody.example'], { timeoutMs: 10_000 });
    expect((await nobody).exitCode).toBe(2);
    for (const [place, server] of [
      [lab.host, '127.0.0.1'],
      [outside, HOST_ADDRESS],
    ] as const) {
      const { stdout } = await place.exec(['busybox', 'nslookup', '-type=a', 'host.example', server]);
      expect(stdout).toContain('198.51.100.7');
    }
    // Of the bridge and of the host, over UDP and TCP, in both families.
    expect([await ports(), await leads()]).toEqual([
      ['10053'],
      expect.toSatisfy(({ length }) => length === 8),
    ]);

    await lab.host.run(['nft', 'flush', 'ruleset']);
    const check = { ...callFor('web', { conf: { ...BOTH, prevResult: web } }), netns: lab.box('web').path };
    const { json } = await invoke(lab.host, 'CHECK', check);
    expect(`${json.msg} ${json.details}`).toContain(
      'Port 53 of 10.87.1.1 does not lead to the server of names',
    );
    await lab.host.run([EXECUTABLE, 'reload']);
    expect(await found(db, 'web.flatnet')).toEqual(four('10.87.1.2'));
    expect((await invoke(lab.host, 'CHECK', check)).exitCode).toBe(0);

    await lab.remove('web', BOTH);
    await lab.remove('db', BOTH);
    expect([await leads(), await lab.servers(), await lab.files()]).toEqual([[], [], '']);
    await lab.host.run(['sh', '-c', 'kill $(cat /run/host-dns.pid)']);
    await lab.add('web', { conf: BOTH });
    expect(await ports()).toEqual(['53']);
  });

  it('another server of one address leaves other networks where they are', async () => {
    await lab.add('web', { conf: BOTH });
    await setServer('--listen-address=10.87.7.1', '--bind-dynamic', '--except-interface=lo');
    const other = { name: 'other', bridge: 'br7', ipam: { ranges: [[{ subnet: '10.87.7.0/24' }]] } };
    await lab.add('far', { conf: other });
    const { stdout } = await lab.box('far').exec(['busybox', 'nslookup', '-type=a', 'far', '10.87.7.1']);
    expect([stdout, await ports()]).toEqual([expect.stringContaining('10.87.7.2'), ['53', '10053']]);
    expect(await found(lab.box('web'), 'web.flatnet')).toEqual(four('10.87.1.2'));
  });
});

const PUBLISHED = {
  conf: BOTH,
  portMappings: [
    { hostPort: 53, containerPort: 53, protocol: 'udp' },
    { hostPort: 53, containerPort: 53, protocol: 'tcp' },
  ],
};

describe('a container that publishes port 53 on all addresses', () => {
  it.each([
    ['after', ['web', 'dns']],
    ['before', ['dns', 'web']],
  ])(
    'has it at the host’s addresses, and no questions about names (%s another container)',
    async (_, order) => {
      const outside = await addOutside(lab.host);
      for (const name of order) await lab.add(name, name === 'dns' ? PUBLISHED : { conf: BOTH });
      const [web, dns] = [lab.box('web'), lab.box('dns')];
      await serve(dns, { port: 53, answer: 'dns', protocol: 'udp' });
      await serve(dns, { port: 53, answer: 'dns' });
      for (const place of [web, dns, lab.host]) {
        expect(await found(place, 'web.flatnet')).toEqual(
          four(order[0] === 'web' ? '10.87.1.2' : '10.87.1.3'),
        );
      }
      for (const place of [outside, web, dns, lab.host]) {
        expect([await ask(place, HOST_ADDRESS, 53), await askUdp(place, HOST_ADDRESS, 53)]).toEqual([
          'dns',
          'dns',
        ]);
      }
      expect(await ports()).toEqual(['53']);
      await lab.remove('web', BOTH);
      await lab.remove('dns', BOTH);
      expect([await leads(), await lab.servers()]).toEqual([[], []]);
    },
  );
});

it('names resolve without nft, and the log says what is lacking', async () => {
  await lab.host.run(['mount', '--bind', '/dev/null', '/usr/sbin/nft']);
  await lab.add('web', { conf: { ipMasq: false } });
  expect(await lab.addressesOf('web')).toEqual(['10.87.1.2']);
  const log = await readFile(lab.host.file('/var/log/flatnet/cni.log'), 'utf8');
  expect(log).toContain('names do not resolve while a container publishes port 53');
});
