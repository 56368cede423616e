import { describe, expect, test } from 'vitest';
import type { Migration } from '../../../src/cli/migrate/migrate.ts';
import { drive, requestOf } from '../../fixtures/driver.ts';
import { callPlugin, CONFLIST, type Container, createLab, type Lab } from '../lab.ts';

const NETWORK = '/etc/containers/networks/flatnet.json';
const PLACES = '/etc/cni/net.d /etc/containers /var/lib/flatnet';

/** Every file of networks and addresses with its content. */
const snapshot = (lab: Lab) =>
  lab.run('sh', '-c', `find ${PLACES} -type f 2>/dev/null | sort | xargs sha256sum`);

const migrate = (lab: Lab, ...args: readonly string[]) => lab.json<Migration>('migrate', 'flatnet', ...args);

const detach = (lab: Lab, container: Container) =>
  callPlugin(lab.host, { verb: 'DEL', network: 'flatnet', container });

async function addressOf(lab: Lab, name: string): Promise<string | undefined> {
  const held = await lab.json<{ containerName: string; address: string }[]>('ipam', 'list');
  return held.find(({ containerName }) => containerName === name)?.address;
}

/** Calls the driver for a container as netavark would, with what the file of the network says. */
async function asDriver(lab: Lab, word: 'setup' | 'teardown', container: Container): Promise<void> {
  const network = JSON.parse(await lab.read(NETWORK));
  const call = { network, containerID: container.id, name: container.name };
  const answer = await drive(lab.host, [word, container.sandbox.path], requestOf(call));
  expect(answer).toMatchObject({ exitCode: 0, stderr: '' });
}

async function containerOf(lab: Lab, name: string, digit: string): Promise<Container> {
  return { id: digit.repeat(64), name, sandbox: await lab.host.addSandbox() };
}

describe('flatnet migrate', () => {
  test('moves a network there and back, and each name keeps its address', async () => {
    await using lab = await createLab();
    await lab.flatnet('install', '--backend', 'cni');
    const first = await lab.attach('first');
    const web = await lab.attach('web');
    const db = await lab.attach('db');
    await detach(lab, first);
    await detach(lab, db);
    const before = await snapshot(lab);

    const plan = await migrate(lab, '--to', 'netavark', '--dry-run');
    const shown = await lab.flatnet('migrate', 'flatnet', '--to', 'netavark', '-n');
    expect(await snapshot(lab)).toBe(before);
    expect(plan).toMatchObject({
      dryRun: true,
      lost: [],
      freed: [],
      move: { from: CONFLIST, to: `${CONFLIST}.bak` },
      containers: [
        { name: 'web', id: web.id, addresses: ['10.87.1.3'], state: 'attached' },
        { name: 'first', addresses: ['10.87.1.2'], state: 'gone' },
        { name: 'db', addresses: ['10.87.1.4'], state: 'gone' },
      ],
    });
    expect(shown.stdout).toContain(`Would write ${NETWORK}:\n{\n     "name": "flatnet",`);
    expect(shown.stdout).toContain('sudo podman rm -f web\n');

    const conflist = await lab.read(CONFLIST);
    const done = await migrate(lab, '--to', 'netavark');
    expect(await lab.read(NETWORK)).toBe(plan.write?.text);
    expect(await lab.read(`${CONFLIST}.bak`)).toBe(conflist);
    expect(await lab.run('ls', '/etc/cni/net.d')).not.toMatch(/conflist$/m);
    expect(done.warnings).toEqual([expect.stringContaining('There is no driver "flatnet"')]);
    const listed = await lab.json<{ networks: readonly unknown[] }>('network', 'ls');
    expect(listed.networks).toMatchObject([{ name: 'flatnet', backend: 'netavark', path: NETWORK }]);

    // What Podman 5 does for a container of before and for the ones that take their names.
    await asDriver(lab, 'teardown', web);
    for (const [digit, name] of ['db', 'web', 'new'].entries())
      await asDriver(lab, 'setup', await containerOf(lab, name, String(digit + 1)));
    expect(await Promise.all(['web', 'db', 'new'].map((name) => addressOf(lab, name)))).toEqual([
      '10.87.1.3',
      '10.87.1.4',
      '10.87.1.5',
    ]);

    const settled = await snapshot(lab);
    expect(await migrate(lab, '--to', 'netavark')).toMatchObject({ containers: [], lost: [] });
    expect((await lab.flatnet('migrate', 'flatnet', '--to', 'netavark')).stdout).toContain(
      'Network "flatnet" is one of netavark already.',
    );
    expect(await snapshot(lab)).toBe(settled);

    for (const [digit, name] of ['db', 'web'].entries())
      await asDriver(lab, 'teardown', {
        id: String(digit + 1).repeat(64),
        name,
        sandbox: await lab.host.addSandbox(),
      });
    expect((await migrate(lab, '--to', 'cni')).move?.from).toBe(NETWORK);
    await lab.attach('web');
    await lab.attach('db');
    expect([await addressOf(lab, 'web'), await addressOf(lab, 'db')]).toEqual(['10.87.1.3', '10.87.1.4']);
  });

  test('an address that a dead container holds is remembered for its name', async () => {
    await using lab = await createLab();
    await lab.flatnet('install', '--backend', 'cni');
    await lab.attach('web');
    await lab.run(
      'sh',
      '-c',
      'ip -o link show type veth | sed "s/.*: \\(fn[^@:]*\\).*/\\1/" | xargs -n1 ip link del dev',
    );
    const { freed } = await migrate(lab, '--to', 'netavark');
    expect(freed).toMatchObject([{ address: '10.87.1.2', containerName: 'web' }]);
    await asDriver(lab, 'setup', await containerOf(lab, 'other', '1'));
    await asDriver(lab, 'setup', await containerOf(lab, 'web', '2'));
    expect([await addressOf(lab, 'other'), await addressOf(lab, 'web')]).toEqual(['10.87.1.3', '10.87.1.2']);
  });

  test('refuses by key what would be lost, and changes nothing', async () => {
    await using lab = await createLab();
    await lab.flatnet('install', '--backend', 'cni');
    const list = JSON.parse(await lab.read(CONFLIST));
    list.plugins[0].mac = '02:00:00:00:00:01';
    list.plugins.push({ type: 'tuning', allmulti: true });
    await lab.write(CONFLIST, JSON.stringify(list));
    const before = await snapshot(lab);
    const { exitCode, stderr } = await lab.flatnet('migrate', 'flatnet', '--to', 'netavark');
    expect([exitCode, await snapshot(lab)]).toEqual([2, before]);
    expect(stderr).toContain('it has no word for mac, plugins[1]');
    const { lost } = await migrate(lab, '--to', 'netavark', '--accept-loss');
    expect(lost.map(({ key }) => key)).toEqual(['mac', 'plugins[1]']);
  });

  test('leaves the old file where the new one cannot be written, and completes a move that ended in between', async () => {
    await using lab = await createLab();
    await lab.flatnet('install', '--backend', 'cni');
    const conflist = await lab.read(CONFLIST);
    await lab.run(
      'sh',
      '-c',
      'rm -rf /etc/containers/networks; mkdir -p /etc/containers; : >/etc/containers/networks',
    );
    const failed = await lab.flatnet('migrate', 'flatnet', '--to', 'netavark');
    expect([failed.exitCode, await lab.read(CONFLIST)]).toEqual([2, conflist]);
    expect(failed.stderr).toContain('/etc/containers/networks');
    await lab.run('rm', '/etc/containers/networks');
    await migrate(lab, '--to', 'netavark');
    const written = await lab.read(NETWORK);
    await lab.run('mv', `${CONFLIST}.bak`, CONFLIST);
    expect(await migrate(lab, '--to', 'netavark')).toMatchObject({ move: { from: CONFLIST } });
    expect(await lab.read(NETWORK)).toBe(written);
  });

  test('what install has made is still what uninstall removes', async () => {
    await using lab = await createLab();
    await lab.flatnet('install', '--backend', 'cni');
    await migrate(lab, '--to', 'netavark');
    const { done } = await lab.json<{ done: readonly string[] }>('uninstall');
    expect(done).toContain(`removed ${NETWORK}`);
  });

  test('looks where CONTAINERS_CONF_OVERRIDE says', async () => {
    const override = '/run/override.conf';
    await using lab = await createLab({ env: { CONTAINERS_CONF_OVERRIDE: override } });
    await lab.write(override, '[network]\nnetwork_config_dir = "/run/networks"\n');
    await lab.flatnet('install', '--backend', 'cni');
    const { write, move } = await migrate(lab, '--to', 'netavark');
    expect([write?.path, move?.from]).toEqual([
      '/run/networks/flatnet.json',
      '/run/networks/flatnet.conflist',
    ]);
  });
});
