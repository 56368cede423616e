import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FAMILIES } from '../../conformance/cases/index.ts';
import { OVERLAY } from '../../conformance/overlay.ts';
import { planPrivacy } from '../../conformance/privacy.ts';
import { makeBench } from '../../conformance/bench.ts';
import { runCases, selectCases } from '../../conformance/runner.ts';
import { loadSubject } from '../../conformance/subject.ts';
import { createWorld, type World } from '../../conformance/world.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'privacy-'));
});
afterEach(() => rm(directory, { recursive: true }));

const worldFor = async (configuration: unknown): Promise<World> =>
  createWorld(await planPrivacy(configuration));

describe('a world', () => {
  test('keeps what is written to a named path to itself, and shows what lies there', async () => {
    await writeFile(join(directory, 'input'), 'of the machine');
    const configuration = { file: join(directory, 'absent/made'), input: join(directory, 'input') };
    await using one = await worldFor(configuration);
    await using other = await worldFor(configuration);
    await one.run([
      'sh',
      '-c',
      `cd ${directory}; cat input; mkdir absent; echo one >absent/made; echo >input`,
    ]);

    expect(await other.run(['cat', join(directory, 'input')])).toBe('of the machine');
    expect(await other.run(['ls', directory])).toBe('input\n');
    expect(await readdir(directory)).toEqual(['input']);
    expect(await readFile(one.file(configuration.file), 'utf8')).toBe('one\n');
    expect(await readdir(one.file('/run'))).not.toContain('overlay');
  });

  test('takes a path privately whose first directory does not exist', async () => {
    const name = `/${basename(directory)}`;
    await using world = await worldFor({ dataDir: `${name}/state` });
    await world.run(['mkdir', '-p', `${name}/state`]);

    expect(await readdir(world.file(name))).toEqual(['state']);
    expect(await readdir('/')).not.toContain(basename(directory));
    expect(
      await world.run([
        'sh',
        '-c',
        'ls /sys/class/net; ls /run/netns; ip netns exec outside ip -br link show eth0 | wc -l',
      ]),
    ).toBe('eth0\nlo\noutside\n1\n');
    expect(await world.run(['sh', '-c', 'test -c /dev/null && cat /proc/self/comm && ls /var/lib'])).toBe(
      'cat\n',
    );
  });

  test('starts with an empty dataDir, whatever the machine keeps in it', async () => {
    await mkdir(join(directory, 'state'));
    await writeFile(join(directory, 'state/10.1.0.2'), 'a container of the machine');
    await using world = await worldFor({ ipam: { dataDir: join(directory, 'state') } });

    expect(await readdir(world.file(join(directory, 'state')))).toEqual([]);
  });

  test('shows an input that a link leads to in a directory that starts empty', async () => {
    const state = join(directory, 'state');
    await mkdir(state);
    await writeFile(join(state, 'resolv.conf'), 'nameserver 192.0.2.53\n');
    await symlink(join(state, 'resolv.conf'), join(directory, 'resolv.conf'));
    await using world = await worldFor({ dataDir: state, resolvConf: join(directory, 'resolv.conf') });

    expect(await world.run(['cat', join(directory, 'resolv.conf')])).toBe('nameserver 192.0.2.53\n');
  });

  test('takes writes privately through a link that leads to nothing yet', async () => {
    await mkdir(join(directory, 'real'));
    await symlink(join(directory, 'real/made'), join(directory, 'link'));
    await using world = await worldFor({ file: join(directory, 'link') });
    await world.run(['sh', '-c', `echo text >${directory}/link`]);

    expect(await readFile(world.file(join(directory, 'real/made')), 'utf8')).toBe('text\n');
    expect(await readdir(join(directory, 'real'))).toEqual([]);
  });

  test('keeps the mounts below a directory in view', async () => {
    await mkdir(join(directory, 'a mount'));
    await using world = await createWorld();
    await world.run(['mount', '-t', 'tmpfs', 'tmpfs', join(directory, 'a mount')]);
    await world.run(['touch', join(directory, 'a mount/mounted')]);
    await world.run(['sh', '-c', OVERLAY, 'overlay', directory]);

    expect(await readdir(world.file(join(directory, 'a mount')))).toEqual(['mounted']);
  });
});

describe('planPrivacy()', () => {
  test('refuses a path that nobody can make', async () => {
    await expect(planPrivacy({ dataDir: '/proc/absent/state' })).rejects.toThrow(
      'Cannot test with the path "/proc/absent/state" that the configuration names: nothing can be made in "/proc/absent"',
    );
  });

  test('leaves to the host what it has of its own, and hands over inputs that it hides', async () => {
    const configuration = { a: '/etc/hostname', dataDir: '/etc/absent/state', log: '/var/log/absent' };

    expect(await planPrivacy(configuration)).toEqual({
      overlays: [],
      tmpfs: [],
      inputs: ['/etc/hostname'],
      state: ['/etc/absent/state'],
      shared: [],
    });
  });

  test('tells what all cases share', async () => {
    const configuration = { a: '/dev/null', b: '/proc/1/ns/net', c: '/var/run/x', d: '/var/lib/y' };

    expect(await planPrivacy(configuration)).toMatchObject({
      overlays: [],
      tmpfs: [],
      shared: ['/dev/null', '/proc/1/ns/net'],
    });
  });
});

describe('cases at the same time', () => {
  const bridge = { bridge: 'private0', isDefaultGateway: true };
  const ranges = [[{ subnet: '10.97.0.0/24' }]];

  test.each([
    [
      'host-local',
      '/usr/lib/cni/bridge',
      (dataDir: string) => ({ type: 'bridge', ...bridge, ipam: { type: 'host-local', dataDir, ranges } }),
    ],
    ['flatnet', EXECUTABLE, (dataDir: string) => ({ type: 'flatnet', ...bridge, ipam: { dataDir, ranges } })],
  ])(
    'do not see the state that %s keeps where the configuration says',
    async (_, plugin, configurationOf) => {
      await ensureExecutable();
      const config = join(directory, 'network.json');
      await writeFile(
        config,
        JSON.stringify({ name: 'private', ...configurationOf(join(directory, 'deep/state')) }),
      );
      const subject = await loadSubject({ plugin, config });
      const cases = selectCases(FAMILIES, ['ADD-04', 'ADD-05', 'PAR-04', 'DEL-41']);
      const reports = await runCases({ subject, makeBench, cases, jobs: 3 });

      expect(reports.map(({ message }) => message)).toEqual(cases.map(() => ''));
      expect(await readdir(directory)).toEqual(['network.json']);
    },
    120_000,
  );
});
