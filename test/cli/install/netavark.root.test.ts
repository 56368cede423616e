import { expect, test } from 'vitest';
import { CONFLIST, createLab, type Lab, type LabOptions } from '../lab.ts';

const DRIVER = '/usr/local/libexec/netavark/flatnet';
const NETWORK = '/etc/containers/networks/flatnet.json';

/** A stand-in for Podman: what it says of itself, no container, and every network known. */
function podman({ podman: version, backend, containers = [] }: Releases): string {
  const info = {
    host: { networkBackend: backend, security: { rootless: false } },
    version: { Version: version },
  };
  return `#!/bin/sh
case $1 in
--version) echo "podman version ${version}" ;;
info) echo '${JSON.stringify(info)}' ;;
ps) echo '${JSON.stringify(containers)}' ;;
esac
`;
}

interface Releases {
  readonly podman: string;
  readonly netavark: string;
  readonly backend: string;
  /** As `podman ps` has them. */
  readonly containers?: readonly object[];
}

async function labWith(releases: Releases, options: LabOptions = {}): Promise<Lab> {
  const lab = await createLab(options);
  await lab.write('/usr/local/bin/podman', podman(releases), 0o755);
  await lab.write('/opt/helpers/netavark', `#!/bin/sh\necho "netavark ${releases.netavark}"\n`, 0o755);
  await lab.write('/etc/containers/containers.conf', '[engine]\nhelper_binaries_dir = ["/opt/helpers"]\n');
  return lab;
}

const FIVE = { podman: '5.4.2', netavark: '1.14.0', backend: 'netavark' };

interface Installed {
  readonly backend: string;
  readonly why: string;
  readonly steps: readonly { readonly path: string; readonly outcome: string; readonly note?: string }[];
}

const outcomeOf = ({ steps }: Installed, path: string) => steps.find((step) => step.path === path)?.outcome;

test('on Podman 5 flatnet installs a driver and the network "flatnet", again changes nothing, and goes', async () => {
  await using lab = await labWith(FIVE);
  const first = await lab.json<Installed>('install');
  expect(first).toMatchObject({ backend: 'netavark', why: expect.stringContaining('5.4.2') });
  expect([outcomeOf(first, DRIVER), outcomeOf(first, NETWORK)]).toEqual(['written', 'written']);
  expect(JSON.parse(await lab.run(DRIVER, 'info'))).toHaveProperty('api_version');
  expect(JSON.parse(await lab.read(NETWORK))).toMatchObject({
    driver: 'flatnet',
    network_interface: 'flatnet-br0',
    subnets: [{ subnet: '10.87.1.0/24', gateway: '10.87.1.1' }],
  });
  const text = await lab.read(NETWORK);
  const second = await lab.json<Installed>('install');
  expect(second.steps.filter(({ outcome }) => outcome !== 'unchanged')).toEqual([]);
  expect(await lab.read(NETWORK)).toBe(text);
  const { stdout } = await lab.flatnet('doctor');
  expect(stdout).toContain('Podman 5.4.2 uses netavark 1.14.0');
  expect(stdout).not.toMatch(/✗.*(driver|netavark|network)/);
  const listed = await lab.json<{ networks: readonly unknown[] }>('network', 'ls');
  expect(listed.networks).toMatchObject([{ name: 'flatnet', backend: 'netavark', path: NETWORK }]);
  const gone = await lab.json<{ done: readonly string[] }>('uninstall');
  expect(gone.done).toEqual(expect.arrayContaining([`removed ${DRIVER}`, `removed ${NETWORK}`]));
});

test('flatnet keeps the driver while a network of it is left, unless forced', async () => {
  await using lab = await labWith(FIVE);
  await lab.flatnet('install');
  const made = await lab.flatnet('network', 'create', 'lab');
  expect(made.stdout).toBe(
    'Created network "lab": 10.87.2.0/24 on flatnet-br1 (/etc/containers/networks/lab.json)\n',
  );
  const refused = await lab.flatnet('uninstall');
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain('needed by network "lab" (/etc/containers/networks/lab.json)');
  expect(refused.stderr).toContain('flatnet network rm lab');
  expect((await lab.flatnet('network', 'rm', 'lab')).stdout).toContain(
    'removed /etc/containers/networks/lab.json',
  );
  expect((await lab.flatnet('uninstall')).exitCode).toBe(0);
});

test('a network that moves from CNI to Podman 5 keeps subnet, gateway and bridge', async () => {
  await using lab = await labWith(FIVE);
  await lab.flatnet('install', '--backend', 'cni', '--subnet', '10.87.7.0/24', '--gateway', '10.87.7.254');
  await lab.flatnet('install');
  expect(JSON.parse(await lab.read(NETWORK))).toMatchObject({
    network_interface: 'flatnet-br0',
    subnets: [{ subnet: '10.87.7.0/24', gateway: '10.87.7.254' }],
  });
});

test('a network that moves from CNI to Podman 5 keeps all that netavark has a word for, and migrate completes the move', async () => {
  await using lab = await labWith(FIVE);
  await lab.flatnet('install', '--backend', 'cni');
  const list = JSON.parse(await lab.read(CONFLIST));
  Object.assign(list.plugins[0], { mtu: 1400, ingressPolicy: 'isolated' });
  await lab.write(CONFLIST, JSON.stringify(list));
  const installed = await lab.json<Installed>('install');
  expect(installed.steps.find(({ path }) => path === NETWORK)?.note).toContain('flatnet migrate flatnet');
  expect(JSON.parse(await lab.read(NETWORK))).toMatchObject({
    options: { mtu: '1400', 'ingress-policy': 'isolated' },
  });
  const written = await lab.read(NETWORK);
  const { move } = await lab.json<{ move?: { from: string } }>('migrate', 'flatnet');
  expect([move?.from, await lab.read(NETWORK)]).toEqual([CONFLIST, written]);
});

test('what netavark has no word for in a conflist is mentioned', async () => {
  await using lab = await labWith(FIVE);
  await lab.flatnet('install', '--backend', 'cni');
  const list = JSON.parse(await lab.read(CONFLIST));
  list.plugins.push({ type: 'tuning', mtu: 1400 });
  await lab.write(CONFLIST, JSON.stringify(list));
  const installed = await lab.json<Installed>('install');
  const note = installed.steps.find(({ path }) => path === NETWORK)?.note;
  expect(note).toContain(`${CONFLIST}; for the rest of that: sudo flatnet migrate flatnet --to netavark`);
});

test('a network that is replaced keeps its id and its time', async () => {
  await using lab = await labWith(FIVE);
  await lab.flatnet('install');
  const { id, created } = JSON.parse(await lab.read(NETWORK));
  await lab.flatnet('install', '--subnet', '10.87.7.0/24', '--force');
  expect(JSON.parse(await lab.read(NETWORK))).toMatchObject({
    id,
    created,
    subnets: [{ subnet: '10.87.7.0/24' }],
  });
});

test('with netavark_plugin_dirs the driver goes where netavark looks', async () => {
  await using lab = await labWith(FIVE);
  await lab.write(
    '/etc/containers/containers.conf.d/drivers.conf',
    '[engine]\nhelper_binaries_dir = ["/opt/helpers"]\n[network]\nnetavark_plugin_dirs = ["/opt/drivers"]\n',
  );
  const installed = await lab.json<Installed>('install');
  expect(outcomeOf(installed, '/opt/drivers/flatnet')).toBe('written');
  expect((await lab.flatnet('doctor')).stdout).toContain('/opt/drivers/flatnet is flatnet');
});

test('an image gets driver and network whatever the host has', async () => {
  await using lab = await labWith({ podman: '4.3.1', netavark: '1.4.0', backend: 'cni' });
  const installed = await lab.json<Installed>('install', '--root', '/run/image', '--backend', 'netavark');
  const paths = installed.steps.map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining([`/run/image${DRIVER}`, `/run/image${NETWORK}`]));
  expect(paths.filter((path) => !path.startsWith('/run/image/'))).toEqual([]);
  expect(JSON.parse(await lab.read(`/run/image${NETWORK}`))).toMatchObject({
    network_interface: 'flatnet-br0',
  });
});

test('Podman 4 with an old netavark gets a conflist, and is told to use CNI', async () => {
  await using lab = await labWith({ podman: '4.9.3', netavark: '1.4.0', backend: 'cni' });
  const conf = '/etc/containers/containers.conf.d/flatnet.conf';
  const installed = await lab.json<Installed>('install');
  expect(installed).toMatchObject({ backend: 'cni', why: 'netavark 1.4.0 knows no drivers' });
  expect(outcomeOf(installed, conf)).toBe('written');
  expect(await lab.read(conf)).toContain('network_backend = "cni"');
  expect((await lab.json<Installed>('install')).steps.map(({ outcome }) => outcome)).not.toContain('kept');
  expect((await lab.json<{ done: readonly string[] }>('uninstall')).done).toContain(`removed ${conf}`);
});

test('Podman 4 keeps netavark where it has containers, or where somebody said so', async () => {
  const containers = [{ Id: 'c0ffee', Names: ['db'], State: 'running', Networks: ['podman'] }];
  await using lab = await labWith({ podman: '4.9.3', netavark: '1.4.0', backend: 'netavark', containers });
  await lab.write('/var/lib/containers/storage/defaultNetworkBackend', 'netavark');
  const conf = '/etc/containers/containers.conf.d/flatnet.conf';
  const kept = ({ steps }: Installed) => steps.filter(({ outcome }) => outcome === 'kept');
  expect(kept(await lab.json<Installed>('install'))).toEqual([
    { path: conf, outcome: 'kept', note: expect.stringContaining('db would lose their networks') },
  ]);
  const own = '/etc/containers/containers.conf.d/own.conf';
  await lab.write(own, '[network]\nnetwork_backend = "netavark"\n');
  expect(kept(await lab.json<Installed>('install'))).toEqual([
    { path: own, outcome: 'kept', note: expect.stringContaining('network_backend is "netavark"') },
  ]);
  const { stdout } = await lab.flatnet('doctor');
  expect(stdout).toContain('Podman 4.9.3 uses netavark 1.4.0, not CNI');
});
