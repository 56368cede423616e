import { expect, test } from 'vitest';
import { attach } from '../fixtures/plugin.ts';
import { addOutside, ask, HOST_ADDRESS, OUTSIDE_ADDRESS, reaches, serve } from '../fixtures/traffic.ts';
import { doctor, goodLab, remedyOf, troubles } from './examination.ts';
import { callPlugin, CONFLIST, createLab, type Lab } from './lab.ts';

/** A machine with a container that answers on port 8080 of the host. */
async function publishingLab() {
  const lab = await createLab();
  await lab.flatnet('install');
  const outside = await addOutside(lab.host);
  const web = await lab.host.addSandbox('web');
  const runtimeConfig = { portMappings: [{ hostPort: 8080, containerPort: 80 }] };
  await attach(lab.host, web, { conf: { ipMasq: true, runtimeConfig } });
  await serve(web, { port: 80, answer: 'web' });
  return { lab, outside, web };
}

/** A command line as it is shown, run by somebody who is root already. */
async function follow(lab: Lab, remedy: string | undefined): Promise<void> {
  await lab.run('sh', '-c', (remedy ?? 'false').replaceAll('sudo ', ''));
}

test.each(['ports-in', 'ports'])(
  'doctor names the chain "%s" of flatnet’s own that lost its rules; --fix puts them back',
  async (chain) => {
    const { lab, outside } = await publishingLab();
    await using host = lab;
    await host.run('nft', 'flush', 'chain', 'inet', 'flatnet', chain);
    expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('');
    const report = await doctor(host);
    expect(troubles(report)).toEqual([`Network/rules: Chain "inet flatnet ${chain}" has lost rules`]);
    expect(remedyOf(report, 'rules')).toBe('sudo flatnet reload');
    expect((await host.flatnet('status')).exitCode).toBe(1);
    expect(troubles(await doctor(host, '--fix'))).toEqual([]);
    expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('web');
  },
);

test('doctor names a chain of flatnet’s own that sees no packets any more', async () => {
  const { lab, outside } = await publishingLab();
  await using host = lab;
  await host.run(
    'nft',
    'delete chain inet flatnet ports-in; add chain inet flatnet ports-in; add rule inet flatnet ports-in fib daddr type local jump ports',
  );
  expect(troubles(await doctor(host))).toEqual([
    'Network/rules: Chain "inet flatnet ports-in" is not attached to its hook',
  ]);
  await host.run('nft', 'delete', 'chain', 'inet', 'flatnet', 'ports-in');
  expect(troubles(await doctor(host))).toEqual(['Network/rules: Chain "inet flatnet ports-in" is gone']);
  expect(troubles(await doctor(host, '--fix'))).toEqual([]);
  expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('web');
});

test('doctor names the lost route to the containers; --fix sets it again', async () => {
  await using lab = await goodLab();
  await lab.run('ip', 'route', 'del', '10.87.1.0/24', 'dev', 'flatnet-br0');
  expect(await reaches(lab.host, '10.87.1.2')).toBe(false);
  const report = await doctor(lab);
  expect(troubles(report)).toEqual(['Network/routes: no route leads to 10.87.1.0/24 on flatnet-br0']);
  expect(remedyOf(report, 'routes')).toBe(
    'sudo ip route add 10.87.1.0/24 dev flatnet-br0 proto kernel scope link src 10.87.1.1',
  );
  expect(troubles(await doctor(lab, '--fix'))).toEqual([]);
  expect(await reaches(lab.host, '10.87.1.2')).toBe(true);
});

test('the routes of a network with IPv6 are looked for, containers or not, and set again', async () => {
  await using lab = await createLab();
  await lab.flatnet('install');
  await lab.write(
    CONFLIST,
    (await lab.read(CONFLIST)).replace(' }]]', ' }], [{ "subnet": "fd00:87:1::/64" }]]'),
  );
  const container = await lab.attach('web1');
  expect(troubles(await doctor(lab))).toEqual([]);
  await lab.run('ip', 'route', 'del', 'fd00:87:1::/64', 'dev', 'flatnet-br0');
  const report = await doctor(lab);
  expect(troubles(report)).toEqual(['Network/routes: no route leads to fd00:87:1::/64 on flatnet-br0']);
  await follow(lab, remedyOf(report, 'routes'));
  expect(troubles(await doctor(lab))).toEqual([]);
  await callPlugin(lab.host, { verb: 'DEL', network: 'flatnet', container });
  expect(troubles(await doctor(lab))).toEqual([]);
});

test.each(['flatnet-br0', 'up0'])('doctor and status name forwarding that is off for %s', async (link) => {
  await using lab = await goodLab();
  await addOutside(lab.host);
  await lab.run('sysctl', '-qw', `net.ipv4.conf.${link}.forwarding=0`);
  const report = await doctor(lab);
  expect(troubles(report)).toEqual([`Host/ip forwarding: net.ipv4.conf.${link}.forwarding is 0`]);
  const { stdout, exitCode } = await lab.flatnet('status');
  expect(stdout).toContain('forwarding off');
  expect(exitCode).toBe(1);
  await follow(lab, remedyOf(report, 'ip forwarding'));
  expect(troubles(await doctor(lab))).toEqual([]);
});

test('doctor --fix turns on forwarding of the bridge, and leaves other links to their owner', async () => {
  const { lab, web } = await publishingLab();
  await using host = lab;
  await host.run('sysctl', '-qw', 'net.ipv4.conf.flatnet-br0.forwarding=0');
  expect(await reaches(web, OUTSIDE_ADDRESS)).toBe(false);
  expect(troubles(await doctor(host, '--fix'))).toEqual([]);
  expect(await reaches(web, OUTSIDE_ADDRESS)).toBe(true);
  await host.run('sysctl', '-qw', 'net.ipv4.conf.up0.forwarding=0');
  expect((await doctor(host, '--fix')).fixes).toEqual([]);
});

test('doctor names an MTU of the bridge that is not its ports’, and a remedy that works', async () => {
  await using lab = await goodLab();
  await lab.run('ip', 'link', 'set', 'dev', 'flatnet-br0', 'mtu', '500');
  const report = await doctor(lab);
  expect(troubles(report).join()).toMatch(
    /^Network\/mtu: bridge flatnet-br0 has MTU 500, but its ports differ: fn[0-9a-z]{13} 1500$/,
  );
  expect(remedyOf(report, 'mtu')).toBe('sudo ip link set dev flatnet-br0 mtu 1500');
  await follow(lab, remedyOf(report, 'mtu'));
  expect(troubles(await doctor(lab))).toEqual([]);
});

test('doctor names the containers to restart where one has a larger MTU than the bridge', async () => {
  await using lab = await goodLab();
  await lab.attach('web2');
  const [, port = ''] = /(fn[0-9a-z]{13})@/.exec(await lab.run('ip', '-br', 'link')) ?? [];
  await lab.run('ip', 'link', 'set', 'dev', port, 'mtu', '9000');
  expect(remedyOf(await doctor(lab), 'mtu')).toMatch(/^restart the containers? web[12]$/);
});

test('status sees that the bridge has lost its gateway address', async () => {
  await using lab = await goodLab();
  expect((await lab.flatnet('status')).exitCode).toBe(0);
  await lab.run('ip', 'address', 'del', '10.87.1.1/24', 'dev', 'flatnet-br0');
  const { stdout, exitCode } = await lab.flatnet('status');
  expect(stdout).toMatch(/flatnet {2}cni {2}bridge lacks 10\.87\.1\.1\/24$/m);
  expect(stdout).toContain('Something is wrong: sudo');
  expect(exitCode).toBe(1);
});

test('status and doctor see an interface that is down inside its container', async () => {
  const lab = await createLab();
  await using host = lab;
  await host.flatnet('install');
  const { sandbox } = await host.attach('web1');
  await sandbox.run(['ip', 'link', 'set', 'dev', 'eth0', 'down']);
  const { stdout, exitCode } = await host.flatnet('status');
  expect(stdout).toMatch(/10\.87\.1\.2 +web1 .* down$/m);
  expect(exitCode).toBe(1);
  const report = await doctor(host);
  expect(troubles(report).join()).toMatch(
    /^Network\/bridge ports: host interface "fn[0-9a-z]{13}" has no carrier: its end in the container \("eth0" of web1\) is down$/,
  );
  await follow(host, remedyOf(report, 'bridge ports'));
  expect(troubles(await doctor(host))).toEqual([]);
});
