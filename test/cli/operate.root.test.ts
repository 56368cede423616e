import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { PRODUCTS } from '../../build/products.ts';
import { ensureBuilt } from '../executable.ts';
import { attach } from '../fixtures/plugin.ts';
import { callPlugin, CONFLIST, createLab, type Lab, PLUGIN, STATE } from './lab.ts';

async function installed(...options: readonly string[]): Promise<Lab> {
  const lab = await createLab();
  expect(await lab.flatnet('install', ...options)).toMatchObject({ exitCode: 0, stderr: '' });
  return lab;
}

/** Every file of the directories that an installation writes to. */
async function files(lab: Lab, root = ''): Promise<readonly string[]> {
  const directories = [
    '/opt',
    '/usr/local/sbin',
    '/usr/local/bin',
    '/etc/cni',
    '/etc/sysctl.d',
    '/etc/logrotate.d',
    '/etc/systemd/system',
  ];
  const { stdout } = await lab.host.exec([
    'find',
    ...directories.map((path) => root + path),
    '!',
    '-type',
    'd',
  ]);
  return stdout
    .split('\n')
    .filter((path) => path !== '')
    .sort();
}

/** Whether a process waits for changes of files. */
async function isWatching(pid: number): Promise<boolean> {
  const directory = `/proc/${pid}/fd`;
  const targets = (await readdir(directory)).map((fd) => readlink(join(directory, fd)).catch(() => ''));
  return (await Promise.all(targets)).includes('anon_inode:inotify');
}

// It lies beside the executable, and goes where that goes.
beforeAll(() => ensureBuilt(PRODUCTS.daemon.output));

test('install is idempotent, and uninstall leaves what was there before', async () => {
  await using lab = await createLab();
  await lab.run('mkdir', '-p', '/run/systemd/system', '/etc/cni', '/etc/sysctl.d', '/etc/systemd/system');
  const before = await files(lab);
  const { steps } = await lab.json<{ steps: { path: string; outcome: string }[] }>('install');
  expect(steps.map(({ outcome }) => outcome)).toEqual(Array(7).fill('written'));
  expect((await lab.run('stat', '-c', '%a', PLUGIN)).trim()).toBe('755');
  const again = await lab.json<{ steps: { outcome: string }[] }>('install');
  expect(again.steps.map(({ outcome }) => outcome)).toEqual(Array(7).fill('unchanged'));
  expect(await files(lab)).toContain('/etc/systemd/system/multi-user.target.wants/flatnet.service');
  expect((await lab.flatnet('uninstall')).exitCode).toBe(0);
  expect(await files(lab)).toEqual(before);
});

test('install --root touches nothing outside', async () => {
  await using lab = await createLab();
  const before = await files(lab);
  expect((await lab.flatnet('install', '--root', '/run/image')).exitCode).toBe(0);
  expect(await files(lab)).toEqual(before);
  expect(await files(lab, '/run/image')).toEqual(
    [
      PLUGIN,
      '/usr/local/bin/flatnet',
      '/usr/local/sbin/flatnetd',
      CONFLIST,
      '/etc/logrotate.d/flatnet',
      '/etc/sysctl.d/99-flatnet.conf',
    ]
      .map((path) => `/run/image${path}`)
      .sort(),
  );
  expect((await lab.flatnet('uninstall', '--root', '/run/image')).exitCode).toBe(0);
  expect(await files(lab, '/run/image')).toEqual([]);
});

test('install keeps a conflist of the user, and backs it up with --force', async () => {
  await using lab = await createLab();
  const own = '{"cniVersion":"1.0.0","name":"flatnet","plugins":[{"type":"flatnet","bridge":"mine"}]}';
  await lab.write(CONFLIST, own);
  const kept = await lab.flatnet('install');
  expect(kept).toMatchObject({ exitCode: 1, stdout: expect.stringContaining(`kept       ${CONFLIST}`) });
  expect(await lab.read(CONFLIST)).toBe(own);
  expect((await lab.flatnet('install', '--force')).exitCode).toBe(0);
  expect(await lab.read(CONFLIST)).toContain('flatnet-br0');
  const names = (await lab.run('ls', '/etc/cni/net.d')).split('\n').filter((name) => name.includes('.bak-'));
  expect(names).toHaveLength(1);
  expect(await lab.read(`/etc/cni/net.d/${names[0]}`)).toBe(own);
});

test('install refuses what the plugin would refuse, and writes no conflist', async () => {
  await using lab = await createLab();
  for (const options of [
    ['--subnet', '10.87.1.5/24'],
    ['--subnet', '10.87'],
    ['--bridge', 'a-name-that-is-too-long'],
    ['--network', '../x'],
  ]) {
    const { exitCode, stderr } = await lab.flatnet('install', ...options);
    expect(exitCode, stderr).toBe(2);
    expect(stderr).not.toBe('');
  }
  expect(await files(lab)).not.toContain(CONFLIST);
});

test('install refuses a second network with the bridge or the subnet of the first', async () => {
  await using lab = await installed();
  for (const options of [[], ['--bridge', 'lab0'], ['--subnet', '10.87.9.0/24']]) {
    const { exitCode, stderr } = await lab.flatnet('install', '--network', 'lab', ...options);
    expect(stderr).toContain(`network "flatnet" (${CONFLIST}) has `);
    expect(exitCode).toBe(2);
  }
  const own = ['--network', 'lab', '--bridge', 'lab0', '--subnet', '10.87.9.0/24'];
  expect(await lab.flatnet('install', ...own)).toMatchObject({ exitCode: 0, stderr: '' });
});

test('uninstall refuses while containers are attached, and says who they are', async () => {
  await using lab = await installed();
  await lab.attach('web1');
  expect(await lab.flatnet('uninstall')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('web1 still uses'),
  });
  expect((await lab.flatnet('uninstall', '--force')).exitCode).toBe(0);
  expect(await lab.run('ip', '-br', 'link')).not.toMatch(/flatnet-br0|\bfn/);
  expect(await lab.run('nft', 'list', 'ruleset')).not.toContain('10.87.1.0/24');
});

test('status shows networks, pool and attachments in numerical order', async () => {
  await using lab = await installed();
  for (let index = 0; index < 9; index += 1) await lab.attach(`web${index}`);
  const { networks } = await lab.json<{
    networks: { used: number; size: number; attachments: { address: string; link: string }[] }[];
  }>('status');
  expect(networks).toMatchObject([
    { name: 'flatnet', used: 9, size: 253, masquerade: true, forwarding: true, bridgeState: 'up' },
  ]);
  expect(networks[0]?.attachments.map(({ address }) => address)).toEqual(
    Array.from({ length: 9 }, (_, index) => `10.87.1.${index + 2}`),
  );
  const { stdout, exitCode } = await lab.flatnet('status');
  expect(stdout).toContain('9 of 253 used (4 %)');
  expect(stdout).toMatch(/10\.87\.1\.10 +web8 +eth0 +fn[0-9a-z]{13} +up/);
  expect(exitCode).toBe(0);
});

test('status --watch redraws until it is interrupted', async () => {
  await using lab = await installed();
  const watching = lab.host.start(['sh', '-c', `exec ${PLUGIN} status --watch --interval 0.5 >/run/screen`]);
  const drawn = async () =>
    (await lab.read('/run/screen').catch(() => '')).match(/10\.87\.1\.0\/24/g)?.length ?? 0;
  await expect.poll(drawn, { timeout: 20_000 }).toBeGreaterThan(1);
  watching.kill('SIGINT');
  expect(await watching.result).toMatchObject({ exitCode: 0, signal: null });
});

test('ps lists containers that no Podman knows by what the addresses tell', async () => {
  await using lab = await installed();
  await lab.attach('web1');
  const { containers } = await lab.json<{ containers: object[] }>('ps');
  expect(containers).toMatchObject([{ name: 'web1', addresses: ['10.87.1.2'], state: 'unknown' }]);
  expect((await lab.flatnet('ps', '--filter', 'name=other', '--quiet')).stdout).toBe('');
  expect((await lab.flatnet('ps', '--filter', 'color=red')).exitCode).toBe(2);
});

test('status and ps show the ports of containers that no Podman knows', async () => {
  await using lab = await installed();
  const web = await lab.host.addSandbox('web');
  const portMappings = [
    { hostPort: 8080, containerPort: 80 },
    { hostPort: 5353, containerPort: 53, protocol: 'udp', hostIP: '127.0.0.1' },
  ];
  await attach(lab.host, web, { conf: { ipMasq: true, runtimeConfig: { portMappings } } });
  const ports = ['0.0.0.0:8080->80/tcp', '127.0.0.1:5353->53/udp'];
  expect(await lab.json('ps')).toMatchObject({ containers: [{ ports }] });
  expect(await lab.json('status')).toMatchObject({ networks: [{ attachments: [{ ports }] }] });
  expect((await lab.flatnet('ps')).stdout).toContain('8080->80, 127.0.0.1:5353->53/udp');
});

test('logs shows calls of a container by name and by id, by level and by pattern', async () => {
  await using lab = await installed();
  const web1 = await lab.attach('web1');
  await lab.attach('web2');
  await callPlugin(lab.host, { verb: 'DEL', network: 'flatnet', container: web1 });
  const lines = async (...args: readonly string[]) =>
    (await lab.flatnet('logs', ...args)).stdout.split('\n').filter((line) => line !== '');
  expect(await lines()).toHaveLength(3);
  expect(await lines('web1')).toHaveLength(2);
  expect(await lines(web1.id.slice(0, 64))).toHaveLength(2);
  expect(await lines('--grep', 'web2')).toHaveLength(1);
  expect(await lines('-n', '1')).toHaveLength(1);
  expect(await lines('--since', '1h')).toHaveLength(3);
  expect(await lines('--level', 'error')).toHaveLength(0);
  expect(JSON.parse((await lines('--json', '-n', '1'))[0] ?? '')).toMatchObject({ verb: 'DEL' });
  expect(await lab.flatnet('logs', 'nobody')).toMatchObject({ exitCode: 1, stdout: '' });
  expect(await lab.flatnet('logs', '--since', 'soon')).toMatchObject({ exitCode: 2 });
});

test('logs --follow shows lines as they come, through a rotation', async () => {
  await using lab = await installed();
  await lab.attach('web1');
  const following = lab.host.start([PLUGIN, 'logs', '--follow', '--json']);
  await expect.poll(() => isWatching(following.pid), { timeout: 20_000 }).toBe(true);
  await lab.attach('web2');
  await lab.run('mv', '/var/log/flatnet/cni.log', '/var/log/flatnet/cni.log.1');
  await lab.attach('web3');
  await expect.poll(() => lab.read('/var/log/flatnet/cni.log')).toContain('web3');
  await lab.attach('web4');
  following.kill('SIGTERM');
  const { stdout } = await following.result;
  for (const name of ['web1', 'web2', 'web3']) expect(stdout).toContain(`"${name}"`);
  expect(stdout.match(/"web2"/g)).toHaveLength(1);
});

test('network create finds a free subnet and bridge, and rm leaves nothing of it', async () => {
  await using lab = await installed();
  await lab.run('ip', 'link', 'add', 'vpn0', 'type', 'bridge');
  await lab.run('ip', 'link', 'set', 'dev', 'vpn0', 'up');
  await lab.run('ip', 'route', 'add', '10.87.2.0/23', 'dev', 'vpn0');
  const before = await lab.host.snapshot();
  expect(await lab.json('network', 'create', 'lab')).toMatchObject({
    subnet: '10.87.4.0/24',
    gateway: '10.87.4.1',
    bridge: 'flatnet-br1',
  });
  const container = await lab.attach('web1', 'lab');
  expect(await container.sandbox.run(['ip', '-br', 'address', 'show', 'dev', 'eth0'])).toContain(
    '10.87.4.2/24',
  );
  expect(await lab.flatnet('network', 'rm', 'lab')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('web1 uses it'),
  });
  expect((await lab.flatnet('network', 'rm', 'lab', '--force')).exitCode).toBe(0);
  const left = (await lab.host.snapshot()).filter(
    (line) =>
      !before.includes(line) && !line.includes('inet","table":"flatnet') && !line.includes('"flatnet"'),
  );
  expect(left).toEqual([]);
  expect(JSON.parse(await lab.read(STATE)).allocations).toEqual({});
  expect(await lab.json('network', 'ls')).toMatchObject({ networks: [{ name: 'flatnet' }], broken: [] });
});

test('network create refuses a subnet that is taken, and a name', async () => {
  await using lab = await installed();
  expect(await lab.flatnet('network', 'create', 'lab', '--subnet', '10.87.1.128/25')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('overlaps 10.87.1.0/24'),
  });
  expect(await lab.flatnet('network', 'create', 'flatnet')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('already exists'),
  });
  expect(await lab.flatnet('network', 'create', '../etc')).toMatchObject({ exitCode: 2 });
  expect(await lab.flatnet('network', 'inspect', 'nosuch')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('Known networks: flatnet'),
  });
});

test('network inspect shows configuration, bridge and addresses', async () => {
  await using lab = await installed();
  await lab.attach('web1');
  expect(JSON.parse((await lab.flatnet('network', 'inspect', 'flatnet')).stdout)).toMatchObject({
    name: 'flatnet',
    config: { name: 'flatnet' },
    subnets: ['10.87.1.0/24'],
    used: 1,
    bridge: { ifname: 'flatnet-br0' },
    allocations: [{ address: '10.87.1.2', containerName: 'web1' }],
    state: { condition: 'intact' },
  });
});

test('forwarding enable lets packets pass a FORWARD of DROP, twice without doubles, and disable takes it back', async () => {
  await using lab = await installed();
  await lab.run('iptables', '-P', 'FORWARD', 'DROP');
  await lab.run('iptables', '-A', 'FORWARD', '-j', 'REJECT');
  const before = await lab.run('iptables', '-S', 'FORWARD');
  expect((await lab.flatnet('forwarding', 'status')).exitCode).toBe(2);
  expect((await lab.flatnet('forwarding', 'enable')).exitCode).toBe(0);
  const enabled = await lab.run('iptables', '-S', 'FORWARD');
  expect(enabled.match(/flatnet-br0/g)).toHaveLength(2);
  expect(await lab.flatnet('forwarding', 'enable')).toMatchObject({
    stdout: 'Nothing to do: forwarding is enabled already.\n',
  });
  expect(await lab.run('iptables', '-S', 'FORWARD')).toBe(enabled);
  // 1: nothing sets the rules again at boot.
  expect(await lab.flatnet('forwarding', 'status')).toMatchObject({
    exitCode: 1,
    stdout: expect.stringContaining('flatnet-br0: packets pass'),
  });
  expect((await lab.flatnet('forwarding', 'disable')).exitCode).toBe(0);
  expect(await lab.run('iptables', '-S', 'FORWARD')).toBe(before);
});

test('forwarding enable --persist writes what a boot needs, and says when rules would be lost', async () => {
  await using lab = await installed();
  expect(await lab.flatnet('forwarding', 'enable', '--persist')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('do not survive a restart'),
  });
  await lab.run('mkdir', '-p', '/run/systemd/system');
  expect((await lab.flatnet('forwarding', 'enable', '--persist')).exitCode).toBe(0);
  expect(await lab.read('/etc/sysctl.d/99-flatnet.conf')).toContain('\nnet.ipv4.ip_forward=1\n');
  expect(
    await lab.run('cat', '/etc/systemd/system/multi-user.target.wants/flatnet-forwarding.service'),
  ).toContain('ExecStart=/opt/cni/bin/flatnet forwarding enable');
  expect((await lab.flatnet('forwarding', 'disable')).exitCode).toBe(0);
  expect(
    (await files(lab)).filter((path) => /sysctl|forwarding/.test(path) && path.includes('flatnet')),
  ).toEqual([]);
});

test('reload puts the rules back after a flush', async () => {
  await using lab = await installed();
  await lab.attach('web1');
  await lab.run('nft', 'flush', 'ruleset');
  expect(await lab.flatnet('reload')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('1 container on flatnet'),
  });
  expect(await lab.run('nft', 'list', 'ruleset')).toContain('10.87.1.0/24');
});

test('help of a command below a command exits 0', async () => {
  await using lab = await createLab();
  const { exitCode, stdout } = await lab.flatnet('help', 'network', 'rm');
  expect(stdout).toContain('Usage: flatnet network rm [options] <network>');
  expect(exitCode).toBe(0);
});

test('status shows the last calls that failed', async () => {
  await using lab = await installed();
  await lab.run('ip', 'link', 'add', 'flatnet-br0', 'type', 'veth', 'peer', 'name', 'other');
  await expect(lab.attach('web1')).rejects.toThrow();
  const { stdout } = await lab.flatnet('status');
  expect(stdout).toMatch(/Last errors\n.*ADD web1 {2}"flatnet-br0" exists but is not a bridge/);
});

test('colours are shown on a terminal, and not with NO_COLOR', async () => {
  await using lab = await installed();
  const onTerminal = (env: Readonly<Record<string, string>>) =>
    lab.host.run(['script', '--quiet', '--return', '--command', `${PLUGIN} status`, '/dev/null'], {
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', TERM: 'xterm', ...env },
    });
  expect(await onTerminal({})).toContain('\u001b[1mflatnet\u001b[22m');
  const plain = await onTerminal({ NO_COLOR: '1' });
  expect(plain).toContain('flatnet');
  expect(plain).not.toContain('\u001b');
});

test('names that would command a terminal are shown without effect', async () => {
  await using lab = await installed();
  await lab.attach('データベース');
  await lab.attach('evil\u001b[2J');
  const { stdout } = await lab.flatnet('status');
  expect(stdout).toContain('データベース');
  expect(stdout).not.toContain('\u001b');
  expect((await lab.flatnet('logs')).stdout).not.toContain('\u001b');
});

test('without root, commands say which of them needs it and how to get it', async () => {
  await using lab = await installed();
  const { exitCode, stdout, stderr } = await lab.host.exec([
    'setpriv',
    '--reuid=65534',
    '--clear-groups',
    PLUGIN,
    'status',
  ]);
  expect(stdout).toBe('');
  expect(stderr).toBe(
    'Cannot run "flatnet status": it needs root, because it reads the addresses and the packet filter\n  sudo flatnet status\n',
  );
  expect(exitCode).toBe(2);
});
