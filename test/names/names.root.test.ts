import { readFile } from 'node:fs/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Place, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { attach, type Call, invoke, pairs } from '../fixtures/plugin.ts';

/*
 * With dnsmasq, a package of every Debian; aardvark-dns is Podman 5's (test/podman5/names.podman5.test.ts). Answers are asked for by
 * busybox, as a small image does.
 */

let host: Host;
/** Sandboxes by the name of their container. */
let boxes: Map<string, Sandbox>;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
  boxes = new Map();
});
afterEach(() => host.dispose());

const NETWORK = { names: {}, capabilities: { aliases: true } };

/** An id as runtimes make them, which differs from others in its beginning. */
function idOf(name: string): string {
  return Buffer.from(name.padEnd(32, '.')).toString('hex').slice(0, 64);
}

function callFor(
  name: string,
  { aliases = [], conf = {} }: { aliases?: string[]; conf?: object } = {},
): Call {
  return {
    containerID: idOf(name),
    args: `IgnoreUnknown=1;K8S_POD_NAME=${name}`,
    conf: { ...NETWORK, ...conf, runtimeConfig: { aliases: { flatnet: aliases } } },
  };
}

async function add(name: string, options: Parameters<typeof callFor>[1] = {}): Promise<any> {
  const sandbox = boxes.get(name) ?? (await host.addSandbox(name));
  boxes.set(name, sandbox);
  return attach(host, sandbox, callFor(name, options));
}

async function remove(name: string, conf: object = {}): Promise<void> {
  const netns = boxes.get(name)!.path;
  const { exitCode, stdout } = await invoke(host, 'DEL', { ...callFor(name, { conf }), netns });
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
}

/** The addresses that the network's server has for a name, asked from a place. */
async function addressesOf(name: string, from: Place = host, type = 'a'): Promise<readonly string[]> {
  const { stdout } = await from.exec(['busybox', 'nslookup', `-type=${type}`, name, '10.87.1.1']);
  const [, ...answers] = stdout.split(/^Name:/m);
  return answers.flatMap((answer) => /Address: (\S+)/.exec(answer)?.[1] ?? []).toSorted();
}

async function servers(): Promise<readonly number[]> {
  const { stdout } = await host.exec([
    'pgrep',
    '--full',
    '/run/flatnet-names/',
    '--ns',
    String(host.pid),
    '--nslist',
    'mnt',
  ]);
  return stdout.trim().split('\n').filter(Boolean).map(Number);
}

const files = async (): Promise<string> =>
  (await host.exec(['find', '/run/flatnet-names', '-type', 'f', '-not', '-name', '*.out'])).stdout;

describe('names of containers', () => {
  it('answer as soon as a container is attached: its name, aliases and id, with the domain and without', async () => {
    const { dns } = await add('web', { aliases: ['www', 'Shared'] });
    expect(dns).toEqual({ nameservers: ['10.87.1.1'], search: ['flatnet'] });
    await add('db', { aliases: ['shared'] });
    const from = boxes.get('db')!;
    for (const name of ['web', 'WEB.flatnet', 'www', 'www.flatnet', idOf('web').slice(0, 12)]) {
      expect([name, await addressesOf(name, from)]).toEqual([name, ['10.87.1.2']]);
    }
    expect(await addressesOf('shared', from)).toEqual(['10.87.1.2', '10.87.1.3']);
    expect(await addressesOf('web', from, 'aaaa')).toEqual([]);
    const { stdout } = await from.exec(['busybox', 'nslookup', '10.87.1.2', '10.87.1.1']);
    expect(stdout).toContain('name = web.flatnet');
    expect((await from.exec(['busybox', 'nslookup', 'nobody.flatnet', '10.87.1.1'])).stdout).toContain(
      'NXDOMAIN',
    );
  });

  it('are gone when a container is detached, and the server with the last of them', async () => {
    await add('web', { aliases: ['shared'] });
    await add('db', { aliases: ['shared'] });
    await remove('web');
    expect([await addressesOf('web'), await addressesOf('shared')]).toEqual([[], ['10.87.1.3']]);
    await remove('db');
    expect([await servers(), await files()]).toEqual([[], '']);
  });

  it.each(['KILL', 'STOP'])('answer again after the server got SIG%s', async (signal) => {
    await add('web');
    await host.run(['kill', `-${signal}`, ...(await servers()).map(String)]);
    await add('db');
    expect([await addressesOf('web'), await addressesOf('db')]).toEqual([['10.87.1.2'], ['10.87.1.3']]);
    expect(await servers()).toHaveLength(1);
  });

  it('of a container that went without a word are gone with the next call', async () => {
    await add('web');
    await boxes.get('web')!.remove();
    await add('db');
    expect([await addressesOf('web.flatnet'), await addressesOf('db')]).toEqual([[], ['10.87.1.3']]);
  });

  it('that DNS cannot hold never reach a file', async () => {
    const hostile = [
      'two words',
      'line\nbreak',
      '10.0.0.1',
      'localhost',
      'a'.repeat(64),
      'pa%int',
      '-x',
      'x/y',
      '*',
      '',
    ];
    await add('web', { aliases: [...hostile, 'good'] });
    const text = await readFile(host.file('/run/flatnet-names/dnsmasq/flatnet/hosts/names'), 'utf8');
    const id = idOf('web').slice(0, 12);
    expect(text).toBe(
      `10.87.1.2 ${['web', 'good', id].map((name) => `${name}.flatnet ${name}`).join(' ')}\n`,
    );
  });

  it('are not left behind by an attachment that fails at its end', async () => {
    await add('web');
    const sandbox = await host.addSandbox('late');
    const { exitCode } = await invoke(host, 'ADD', {
      ...callFor('late'),
      netns: sandbox.path,
      under: ['sh', '-c', 'exec "$0" >/dev/full'],
    });
    expect(exitCode).toBe(1);
    expect([await addressesOf('late.flatnet'), await addressesOf('web')]).toEqual([[], ['10.87.1.2']]);
  });

  it('are not asked of others on an internal network', async () => {
    await add('web', { conf: { internal: true } });
    expect(await addressesOf('web')).toEqual(['10.87.1.2']);
    expect((await host.exec(['busybox', 'nslookup', 'example.com', '10.87.1.1'])).stdout).toContain(
      'REFUSED',
    );
  });

  it('answer in both families', async () => {
    const ranges = [[{ subnet: '10.87.1.0/24' }], [{ subnet: 'fd00:87::/64' }]];
    const { dns } = await add('web', { conf: { ipam: { ranges } } });
    expect(dns.nameservers).toEqual(['10.87.1.1', 'fd00:87::1']);
    expect(await addressesOf('web', host, 'aaaa')).toEqual(['fd00:87::2']);
    expect((await host.exec(['busybox', 'nslookup', 'web', 'fd00:87::1'])).stdout).toContain('10.87.1.2');
  });

  it('come back by "flatnet reload" when their files are lost', async () => {
    await add('web');
    await host.run(['rm', '-r', '/run/flatnet-names/dnsmasq']);
    await host.run(['mkdir', '--parents', '/etc/cni/net.d']);
    await host.run(['tee', '/etc/cni/net.d/flatnet.conflist'], {
      input: JSON.stringify({
        cniVersion: '1.0.0',
        name: 'flatnet',
        plugins: [{ type: 'flatnet', ...NETWORK }],
      }),
    });
    await host.run([EXECUTABLE, 'reload']);
    expect(await addressesOf('web')).toEqual(['10.87.1.2']);
    expect(await servers()).toHaveLength(1);
  });

  it('answer where another plugin gives the addresses', async () => {
    const conf = { ipam: { type: 'host-local', subnet: '10.87.1.0/24' } };
    expect((await add('web', { conf })).dns.nameservers).toEqual(['10.87.1.1']);
    await add('db', { conf });
    expect([await addressesOf('web'), await addressesOf('db')]).toEqual([['10.87.1.2'], ['10.87.1.3']]);
    expect(await servers()).toHaveLength(1);
    await remove('web', conf);
    expect([await addressesOf('web.flatnet'), await addressesOf('db')]).toEqual([[], ['10.87.1.3']]);
  });

  it('answer at the gateway of every container, of whichever range it has its address', async () => {
    const ranges = [[{ subnet: '10.87.1.0/24' }, { subnet: '10.87.7.0/24' }]];
    await add('web', { conf: { ipam: { ranges } } });
    const far = { ipam: { ranges }, args: { cni: { ips: ['10.87.7.9'] } } };
    expect((await add('far', { conf: far })).dns.nameservers).toEqual(['10.87.7.1']);
    expect(await addressesOf('far', boxes.get('web'))).toEqual(['10.87.7.9']);
    const { stdout } = await boxes.get('far')!.exec(['busybox', 'nslookup', '-type=a', 'web', '10.87.7.1']);
    expect(stdout).toContain('10.87.1.2');
  });

  it('can be read by the server whatever the umask of the caller is', async () => {
    const sandbox = await host.addSandbox('web');
    const under = ['sh', '-c', 'umask 077; exec "$0"'];
    const { exitCode } = await invoke(host, 'ADD', { ...callFor('web'), netns: sandbox.path, under });
    expect([exitCode, await addressesOf('web')]).toEqual([0, ['10.87.1.2']]);
  });

  it('go with a network that is removed, and so does their server', async () => {
    await host.run(['mkdir', '--parents', '/etc/cni/net.d']);
    const list = { cniVersion: '1.0.0', name: 'flatnet', plugins: [{ type: 'flatnet', ...NETWORK }] };
    await host.run(['tee', '/etc/cni/net.d/flatnet.conflist'], { input: JSON.stringify(list) });
    await add('web');
    await host.run([EXECUTABLE, 'network', 'rm', '--force', 'flatnet']);
    expect([await servers(), await files()]).toEqual([[], '']);
  });
});

describe('on a host that closes INPUT', () => {
  const REFUSING = {
    'in a table of nftables': [
      'add table inet filter',
      'add chain inet filter input { type filter hook input priority 0; policy drop; }',
      'add rule inet filter input iifname "lo" accept',
    ].join('\n'),
    'as ufw does, by iptables': undefined,
  };

  it.each(Object.entries(REFUSING))('containers are answered, and nobody else (%s)', async (_, table) => {
    if (table !== undefined) await host.run(['nft', '-f', '-'], { input: table });
    else {
      for (const rule of ['-P INPUT DROP', '-A INPUT -i lo -j ACCEPT'])
        await host.run(['iptables', ...rule.split(' ')]);
    }
    await add('web');
    await add('db');
    const from = boxes.get('db')!;
    expect(await addressesOf('web', from)).toEqual(['10.87.1.2']);
    expect((await from.exec(['busybox', 'ping', '-c', '1', '-W', '1', '10.87.1.1'])).exitCode).not.toBe(0);
    // What iptables cannot print it refuses to list.
    expect((await host.exec(['iptables', '-S', 'INPUT'])).exitCode).toBe(0);
    // All but what every firewall lets in.
    await host.run(['sh', '-c', 'iptables -F INPUT; iptables -A INPUT -i lo -j ACCEPT']);
    const flushed = 'flush chain inet filter input\nadd rule inet filter input iifname "lo" accept';
    await host.run(['nft', '-f', '-'], { input: table === undefined ? '' : flushed });
    await host.run([EXECUTABLE, 'reload']);
    expect(await addressesOf('web', from)).toEqual(['10.87.1.2']);
  });
});

describe('without a server', () => {
  beforeEach(() => host.run(['mount', '--bind', '/dev/null', '/usr/sbin/dnsmasq']));

  it('a container starts, and is told of none', async () => {
    const { dns } = await add('web');
    expect(dns).toBeUndefined();
    expect(await readFile(host.file('/var/log/flatnet/cni.log'), 'utf8')).toMatch(
      /"names":"off: .*dnsmasq-base/,
    );
  });

  it('a container is refused where one was asked for by name, and nothing is left', async () => {
    const sandbox = await host.addSandbox('web');
    const { exitCode, json } = await invoke(host, 'ADD', {
      ...callFor('web', { conf: { names: { server: 'dnsmasq' } } }),
      netns: sandbox.path,
    });
    expect(exitCode).toBe(1);
    expect(json.msg).toContain('Cannot serve the names of network "flatnet" by "dnsmasq"');
    expect(json.details).toMatch(/dnsmasq 2\.88 or newer \(package dnsmasq-base\) is not installed/);
    expect(await pairs(host)).toEqual([]);
  });
});
