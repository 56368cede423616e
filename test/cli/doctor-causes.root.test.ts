import { expect, test } from 'vitest';
import { EXECUTABLE } from '../executable.ts';
import { HAS_FIREWALLD, startFirewalld } from '../fixtures/firewalld.ts';
import { attach } from '../fixtures/plugin.ts';
import { addOutside, ask, HOST_ADDRESS, OUTSIDE_ADDRESS, serve } from '../fixtures/traffic.ts';
import { isPointless } from '../plain/way.ts';
import { doctor, goodLab, remedyOf, type Report, troubles } from './examination.ts';
import { CONFLIST, createLab, type Lab, PLUGIN } from './lab.ts';

/** Takes a tool away, whatever links lead to it. */
async function hide(lab: Lab, tool: string): Promise<void> {
  const path = (await lab.run('readlink', '-f', `/usr/sbin/${tool}`)).trim();
  await lab.run('mount', '--bind', '/dev/null', path);
}

/** Replaces a file of the lab, which may be a link that leads out of it. */
async function replace(lab: Lab, path: string, text: string): Promise<void> {
  await lab.run('rm', '-f', path);
  await lab.write(path, text);
}

/** The machine's own Podman with a configuration and a storage of the lab. */
async function configurePodman(lab: Lab, ...network: readonly string[]): Promise<void> {
  const storage = [
    '[storage]',
    'driver = "vfs"',
    'graphroot = "/var/lib/containers"',
    'runroot = "/run/containers"',
  ];
  await replace(lab, '/etc/containers/storage.conf', `${storage.join('\n')}\n`);
  await replace(lab, '/etc/containers/containers.conf', `[network]\n${network.join('\n')}\n`);
}

const CNI = ['network_backend = "cni"', 'cni_plugin_dirs = ["/opt/cni/bin"]'];

test('doctor without root says so first, and finds nothing that is not there', async () => {
  await using lab = await goodLab();
  const words = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', PLUGIN, 'doctor', '--json'];
  const { stdout, stderr } = await lab.host.exec(words);
  const report: Report = JSON.parse(stdout);
  expect(stderr).toBe('');
  expect(troubles(report)).toEqual([
    'Host/root: not running as root: packet filter, addresses and containers cannot be seen',
  ]);
  expect(remedyOf(report, 'root')).toBe('sudo flatnet doctor');
  expect(report.summary.exit_code).toBe(1);
});

test('doctor names iproute2 that is missing, and nothing that only follows from it', async () => {
  await using lab = await goodLab();
  await hide(lab, 'ip');
  const report = await doctor(lab);
  expect(troubles(report)).toEqual(['Host/tools: "ip" is not installed']);
  expect(remedyOf(report, 'tools')).toBe('sudo apt-get install iproute2');
});

test('doctor names nftables that is missing, and knows the networks all the same', async () => {
  await using lab = await goodLab();
  await hide(lab, 'nft');
  const report = await doctor(lab);
  expect(troubles(report)[0]).toBe('Host/tools: "nft" is not installed');
  expect(troubles(report).join()).not.toContain('no network of type flatnet');
  expect(remedyOf(report, 'tools')).toBe('sudo apt-get install nftables');
});

test('doctor names published ports that were flushed; --fix puts them back', async () => {
  await using lab = await createLab();
  await lab.flatnet('install');
  const outside = await addOutside(lab.host);
  const web = await lab.host.addSandbox('web');
  const runtimeConfig = { portMappings: [{ hostPort: 8080, containerPort: 80 }] };
  await attach(lab.host, web, { conf: { ipMasq: true, names: {}, runtimeConfig } });
  await serve(web, { port: 80, answer: 'web' });
  expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('web');
  await lab.run('nft', 'flush', 'ruleset');
  const broken = await doctor(lab);
  expect(troubles(broken).join()).toContain(
    'Network/rules: Published port "tcp . 8080" to 10.87.1.2 . 80 is gone',
  );
  expect(remedyOf(broken, 'rules')).toBe('sudo flatnet reload');
  expect((await lab.flatnet('status')).stdout).toMatch(
    /\d rules missing\n[^]*Something is wrong: sudo flatnet/,
  );
  expect(troubles(await doctor(lab, '--fix'))).toEqual([]);
  expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('web');
});

test.skipIf(!HAS_FIREWALLD)(
  'doctor names firewalld that keeps packets back; --fix lets them pass',
  async () => {
    await using lab = await goodLab();
    await startFirewalld(lab.host);
    expect(troubles(await doctor(lab)).join()).toContain('firewalld does not trust bridge "flatnet-br0"');
    expect(troubles(await doctor(lab, '--fix'))).toEqual([]);
    expect(await lab.run('firewall-cmd', '--get-zone-of-interface=flatnet-br0')).toBe('trusted\n');
    if (isPointless('no question is asked from a container')) return;
    const list = JSON.parse(await lab.read(CONFLIST));
    Object.assign(list.plugins[0], { names: {}, firewalldZone: 'public' });
    await lab.write(CONFLIST, JSON.stringify(list));
    await lab.run('firewall-cmd', '--zone=public', '--change-interface=flatnet-br0');
    await lab.attach('web2');
    const closed = await doctor(lab);
    expect(troubles(closed).join()).toMatch(/^Network\/names: 10\.87\.1\.1 answers the host, but not web2 /);
    expect(remedyOf(closed, 'names')).toContain('firewall-cmd --permanent --zone=public');
    await lab.run('sh', '-c', remedyOf(closed, 'names') ?? 'exit 1');
    expect(troubles(await doctor(lab))).toEqual([]);
  },
  120_000,
);

test('doctor names a resolver that means another place inside a container, and one that is missing', async () => {
  await using lab = await goodLab();
  await replace(lab, '/etc/resolv.conf', 'nameserver 127.0.0.1\n');
  const loopback = await doctor(lab);
  expect(troubles(loopback)).toEqual([
    'Host/dns: /etc/resolv.conf names only 127.0.0.1, which inside a container is the container itself',
  ]);
  expect(remedyOf(loopback, 'dns')).toContain('podman run --dns');
  await replace(lab, '/etc/resolv.conf', '# empty\n');
  expect(troubles(await doctor(lab))).toEqual(['Host/dns: /etc/resolv.conf names no server']);
});

test('doctor names another host that has part of the subnet', async () => {
  await using lab = await goodLab();
  await addOutside(lab.host);
  await lab.run('ip', 'route', 'add', '10.87.1.128/25', 'via', OUTSIDE_ADDRESS);
  const report = await doctor(lab);
  expect(troubles(report)).toEqual([
    `Network/routes: route "10.87.1.128/25 via ${OUTSIDE_ADDRESS} dev up0" diverts packets for 10.87.1.0/24 from flatnet-br0`,
  ]);
  expect(remedyOf(report, 'routes')).toContain(
    `sudo ip route del 10.87.1.128/25 via ${OUTSIDE_ADDRESS} dev up0`,
  );
});

test('doctor lets the subnets of other hosts be', async () => {
  await using lab = await goodLab();
  await addOutside(lab.host);
  await lab.run('ip', 'route', 'add', '10.87.2.0/24', 'via', OUTSIDE_ADDRESS);
  expect(troubles(await doctor(lab))).toEqual([]);
});

test('doctor names what gets lost when WSL2 restarts, and the route that Windows needs', async () => {
  await using lab = await goodLab();
  await addOutside(lab.host);
  await lab.write('/run/osrelease', '5.15.153.1-microsoft-standard-WSL2\n');
  await lab.run('mount', '--bind', '/run/osrelease', '/proc/sys/kernel/osrelease');
  await replace(lab, '/etc/wsl.conf', '[network]\ngenerateHosts=false\n');
  const report = await doctor(lab);
  expect(troubles(report)).toEqual([
    'WSL/forwarding after restart: /etc/wsl.conf starts neither systemd nor flatnet at boot',
  ]);
  expect(report.checks.find(({ name }) => name === 'windows route')?.message).toContain(
    `route add 10.87.1.0 mask 255.255.255.0 ${HOST_ADDRESS}`,
  );
  await replace(lab, '/etc/wsl.conf', '[boot]\nsystemd=true\n');
  expect(troubles(await doctor(lab))).toEqual([
    'WSL/forwarding after restart: /etc/wsl.conf enables systemd, but it is not running',
  ]);
  await lab.run('mkdir', '-p', '/run/systemd/system');
  expect(troubles(await doctor(lab))).toEqual([]);
  await lab.run('rm', '/etc/sysctl.d/99-flatnet.conf');
  const forgetful = await doctor(lab);
  expect(troubles(forgetful)).toEqual([
    'WSL/forwarding after restart: no file in /etc/sysctl.d sets net.ipv4.ip_forward',
  ]);
  expect(remedyOf(forgetful, 'forwarding after restart')).toBe('sudo flatnet forwarding enable --persist');
});

test('doctor names addresses of containers that Podman does not know', async () => {
  await using lab = await createLab({ podman: true });
  await configurePodman(lab, ...CNI);
  await lab.flatnet('install');
  await lab.attach('web1');
  const report = await doctor(lab);
  expect(troubles(report)).toEqual([
    'Addresses/orphans: 1 address of "flatnet" held by a container Podman does not know: 10.87.1.2 (web1)',
  ]);
  expect(remedyOf(report, 'orphans')).toMatch(/^sudo ip link del fn[0-9a-z]{13}$/);
});

test('doctor names Podman that uses netavark, or that cannot start it', async () => {
  await using lab = await createLab({ podman: true });
  await configurePodman(
    lab,
    'network_backend = "netavark"',
    '[engine]',
    'helper_binaries_dir = ["/opt/helpers"]',
  );
  await lab.flatnet('install');
  const broken = await doctor(lab);
  expect(troubles(broken).join()).toMatch(/Podman\/network backend: Podman does not answer: .*netavark/);
  for (const name of ['netavark', 'aardvark-dns'])
    await lab.write(`/opt/helpers/${name}`, '#!/bin/sh\n', 0o755);
  const report = await doctor(lab);
  expect(troubles(report).join()).toMatch(
    /Podman\/network backend: Podman \S+ uses netavark, not CNI \(.*\/etc\/containers\/containers.conf\)/,
  );
  const remedy = remedyOf(report, 'network backend') ?? '';
  expect(remedy).toContain('network_backend = "cni"');
  await lab.run('rm', '/etc/containers/containers.conf');
  await lab.run('sh', '-c', remedy.replaceAll('sudo ', ''));
  expect(troubles(await doctor(lab))).toEqual([]);
});

test('doctor names a network that ignores published ports, and two files of one name', async () => {
  await using lab = await goodLab();
  await lab.write(
    '/etc/cni/net.d/lab.conflist',
    '{"cniVersion":"1.0.0","name":"flatnet","plugins":[{"type":"flatnet"}]}',
  );
  expect(troubles(await doctor(lab)).join()).toContain('2 files define network "flatnet"');
  await lab.write(
    '/etc/cni/net.d/lab.conflist',
    '{"cniVersion":"1.0.0","name":"lab","plugins":[{"type":"flatnet","bridge":"lab0","ipam":{"subnet":"10.87.9.0/24"}}]}',
  );
  expect(troubles(await doctor(lab))).toEqual([
    'Plugin/conflist: /etc/cni/net.d/lab.conflist does not declare the capability portMappings',
  ]);
});

test('doctor names a network list that Podman 4 cannot read, and its remedy mends it', async () => {
  await using lab = await createLab({ podman: true });
  await configurePodman(lab, ...CNI);
  await lab.flatnet('install');
  const list = await lab.read(CONFLIST);
  await lab.write(CONFLIST, list.replace('"cniVersion": "1.0.0"', '"cniVersion": "1.1.0"'));
  const report = await doctor(lab);
  expect(troubles(report).join()).toContain(
    `${CONFLIST} has "cniVersion": "1.1.0", which Podman 4 cannot read`,
  );
  await lab.run('sh', '-c', (remedyOf(report, 'conflist') ?? '').replace('sudo ', ''));
  expect(await lab.read(CONFLIST)).toBe(list);
  expect(troubles(await doctor(lab))).toEqual([]);
});

test('before it is installed, remedies name the path that was built', async () => {
  await using lab = await createLab();
  const { stderr, exitCode } = await lab.flatnet('forwarding', 'enable');
  expect(stderr).toContain(`  sudo ${EXECUTABLE} install\n`);
  expect(exitCode).toBe(2);
});

test('doctor names a plugin of the list that does not speak the version it is asked in', async () => {
  await using lab = await goodLab();
  const list = JSON.parse(await lab.read(CONFLIST));
  const chain = [...list.plugins, { type: 'old' }];
  await lab.write(
    '/opt/cni/bin/old',
    `#!/bin/sh\necho '{"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0"]}'\n`,
  );
  await lab.run('chmod', '755', '/opt/cni/bin/old');
  const written = (versions: readonly string[]) =>
    lab.write(
      CONFLIST,
      JSON.stringify({ ...list, cniVersion: '1.0.0', cniVersions: versions, plugins: chain }),
    );
  await written(['0.4.0', '1.0.0', '1.1.0']);
  const report = await doctor(lab);
  expect(troubles(report)).toEqual([
    `Plugin/versions: /opt/cni/bin/old supports CNI up to 1.0.0, but ${CONFLIST} names 1.1.0`,
  ]);
  expect(remedyOf(report, 'versions')).toBe(`remove "1.1.0" from ${CONFLIST}, or update /opt/cni/bin/old`);
  await written(['0.4.0', '1.0.0']);
  expect(troubles(await doctor(lab))).toEqual([]);
});

test('doctor names addresses that host-local keeps for containers of before', async () => {
  await using lab = await goodLab();
  await lab.run('mkdir', '-p', '/var/lib/cni/networks/flatnet');
  const path = '/var/lib/cni/networks/flatnet/10.87.1.77';
  await lab.write(path, 'old\r\neth0');
  expect(troubles(await doctor(lab))).toEqual([
    `Addresses/held by others: 10.87.1.77 of "flatnet" by container "old" of host-local (${path})`,
  ]);
});
