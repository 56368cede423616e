import { beforeAll, expect, test } from 'vitest';
import { ensureExecutable } from '../../executable.ts';
import { invoke } from '../../fixtures/plugin.ts';
import { doctor, goodLab, type Report, remedyOf, troubles } from '../examination.ts';
import { callPlugin, CONFLIST, createLab, type Lab } from '../lab.ts';

beforeAll(ensureExecutable, 120_000);

const DELETION = /\b(del|delete|rm|flush|prune)\b/;

/** An uplink with an address, its kernel route and the default route. */
async function addUplink(lab: Lab): Promise<void> {
  const run = (...argv: readonly string[]) => lab.run(...argv);
  await run('ip', 'link', 'add', 'up0', 'type', 'veth', 'peer', 'name', 'outside');
  for (const name of ['up0', 'outside']) await run('ip', 'link', 'set', name, 'up');
  await run('ip', 'address', 'add', '198.51.100.2/24', 'dev', 'up0');
  await run('ip', 'route', 'add', 'default', 'via', '198.51.100.1');
}

async function change(lab: Lab, from: string, to: string): Promise<void> {
  const text = await lab.read(CONFLIST);
  expect(text).toContain(from);
  await lab.write(CONFLIST, text.replaceAll(from, to));
}

const remediesOf = ({ checks }: Report) => checks.flatMap(({ suggestion }) => suggestion ?? []).join('\n');

test('nobody is told to delete the uplink that a network names as its bridge', async () => {
  await using lab = await createLab();
  await addUplink(lab);
  await lab.flatnet('install', '--bridge', 'up0', '--force');
  const sandbox = await lab.host.addSandbox();
  const { json } = await invoke(lab.host, 'ADD', { netns: sandbox.path, conf: { bridge: 'up0' } });
  expect(json.msg).toContain('"up0" exists but is not a bridge');
  expect(json.details).not.toMatch(DELETION);
  expect(remediesOf(await doctor(lab))).not.toMatch(DELETION);
});

test('nobody is told to take from the bridge of the LAN its address, or the bridge itself', async () => {
  await using lab = await createLab();
  const run = (...argv: readonly string[]) => lab.run(...argv);
  await run('ip', 'link', 'add', 'br0', 'type', 'bridge');
  await run('ip', 'link', 'add', 'card0', 'type', 'veth', 'peer', 'name', 'outside');
  await run('ip', 'link', 'set', 'card0', 'master', 'br0', 'up');
  await run('ip', 'link', 'set', 'br0', 'up');
  await run('ip', 'address', 'add', '198.51.100.2/24', 'dev', 'br0');
  await run('ip', 'route', 'add', 'default', 'via', '198.51.100.1');
  const sandbox = await lab.host.addSandbox();
  const { json } = await invoke(lab.host, 'ADD', { netns: sandbox.path, conf: { bridge: 'br0' } });
  expect(json.details).not.toMatch(DELETION);
  await lab.flatnet('install', '--bridge', 'br0', '--subnet', '198.51.100.0/24', '--force');
  await change(lab, '198.51.100.1"', '198.51.100.2"');
  await change(lab, '"type": "flatnet",', '"type": "flatnet", "allowOverlap": true,');
  expect(remediesOf(await doctor(lab))).not.toMatch(DELETION);
});

test('a subnet in the LAN of this host is told so, and the route of its own address stays', async () => {
  await using lab = await goodLab();
  await addUplink(lab);
  await change(lab, '10.87.1.', '198.51.100.');
  const report = await doctor(lab);
  expect(troubles(report)).toContainEqual(
    'Network/routes: route "198.51.100.0/24 dev up0" diverts packets for 198.51.100.0/24 from flatnet-br0',
  );
  expect(remediesOf(report)).not.toContain('route del');
});

test('containers of another Podman are told as such, and their links stay; without a process the link may go', async () => {
  await using lab = await goodLab({ podman: true });
  await lab.write('/etc/containers/containers.conf', '[network]\nnetwork_backend = "cni"\n');
  await lab.write(
    '/etc/containers/storage.conf',
    '[storage]\ndriver = "vfs"\ngraphroot = "/var/lib/containers/storage"\nrunroot = "/run/containers/storage"\n',
  );
  const { sandbox } = await lab.attach('web2');
  const process = sandbox.start(['sleep', '1000'], { timeoutMs: 60_000 });
  await expect
    .poll(async () => (await doctor(lab)).checks.find(({ name }) => name === 'other engines'), {
      timeout: 20_000,
    })
    .toMatchObject({
      status: 'pass',
      message: expect.stringMatching(
        /^1 address of "flatnet" held by running containers.*: 10\.87\.1\.3 \(web2\); /,
      ),
    });
  const report = await doctor(lab);
  expect(troubles(report)).toEqual([
    'Addresses/orphans: 1 address of "flatnet" held by a container Podman does not know: 10.87.1.2 (web1)',
  ]);
  expect(remedyOf(report, 'orphans')).toMatch(/^sudo ip link del fn[0-9a-z]{13}$/);
  process.kill('SIGKILL');
  await process.result;
  expect(remedyOf(await doctor(lab), 'orphans')).toMatch(/^(sudo ip link del fn[0-9a-z]{13}(; )?){2}$/);
});

test('ipMasq that was switched on under running containers needs their restart, not --fix for ever', async () => {
  await using lab = await createLab();
  await lab.flatnet('install');
  await change(lab, '"ipMasq": true', '"ipMasq": false');
  const container = await lab.attach('web1');
  await change(lab, '"ipMasq": false', '"ipMasq": true');
  await lab.flatnet('reload');
  const report = await doctor(lab, '--fix');
  expect(troubles(report)).toEqual([
    `Network/masquerade: ${CONFLIST} has "ipMasq": true, but 1 container started without it`,
  ]);
  expect(remedyOf(report, 'masquerade')).toBe('restart these containers');
  expect(report.fixes).toEqual([]);
  for (const verb of ['DEL', 'ADD'] as const) {
    await callPlugin(lab.host, { verb, network: 'flatnet', container });
  }
  expect(troubles(await doctor(lab))).toEqual([]);
});

test('what --fix could not mend does not propose --fix again', async () => {
  await using lab = await goodLab();
  await lab.run('ip', 'address', 'flush', 'dev', 'flatnet-br0');
  await lab.run('ip', 'address', 'add', '10.99.0.1/24', 'dev', 'flatnet-br0');
  expect(remedyOf(await doctor(lab), 'bridge')).toBe('sudo flatnet doctor --fix');
  const report = await doctor(lab, '--fix');
  expect(report.fixes).toContainEqual(expect.objectContaining({ check: 'bridge', failed: true }));
  expect(remedyOf(report, 'bridge')).toContain('set another "bridge"');
  expect(remediesOf(report)).not.toContain('--fix');
});
