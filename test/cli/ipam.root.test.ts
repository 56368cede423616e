import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { ensureExecutable } from '../executable.ts';
import { attach } from '../fixtures/plugin.ts';
import { createLab, type Lab, STATE } from './lab.ts';

let lab: Lab;
beforeAll(ensureExecutable, 300_000);
beforeEach(async () => {
  lab = await createLab();
  expect((await lab.flatnet('install')).exitCode).toBe(0);
});
afterEach(() => lab[Symbol.asyncDispose]());

/** Takes the link away from under a container, as a crash of the host side would. */
async function orphan(name: string): Promise<void> {
  const [held] = await lab.json<{ hostIfname: string }[]>('ipam', 'show', name);
  await lab.run('ip', 'link', 'del', held?.hostIfname ?? '');
}

test('ipam list and show tell which container has which address, and whether it is there', async () => {
  await lab.attach('web');
  await lab.attach('db');
  await orphan('db');
  expect(await lab.json('ipam', 'list')).toMatchObject([
    { address: '10.87.1.2', containerName: 'web', holder: 'live' },
    { address: '10.87.1.3', containerName: 'db', holder: 'dead' },
  ]);
  expect((await lab.flatnet('ipam', 'list')).stdout).toMatch(/10\.87\.1\.3\/24 +db +eth0 +dead/);
  expect((await lab.flatnet('ipam', 'show', 'nobody')).exitCode).toBe(2);
});

test('ipam gc frees the address of a container that is gone, and no other; --dry-run only shows it', async () => {
  await lab.attach('web');
  await lab.attach('db');
  await orphan('db');
  expect((await lab.flatnet('ipam', 'verify')).exitCode).toBe(1);
  expect((await lab.flatnet('ipam', 'gc', '--dry-run')).stdout).toBe(
    'Would free:\nflatnet 10.87.1.3 of db\n',
  );
  expect(await lab.json('ipam', 'list')).toHaveLength(2);
  expect((await lab.flatnet('ipam', 'gc')).stdout).toBe('Freed:\nflatnet 10.87.1.3 of db\n');
  expect(await lab.json('ipam', 'list')).toMatchObject([{ address: '10.87.1.2' }]);
  expect((await lab.flatnet('ipam', 'verify')).exitCode).toBe(0);
});

test('ipam gc frees no address to which a published port still leads', async () => {
  const { sandbox } = await lab.attach('web');
  const dead = await lab.host.addSandbox('dead');
  const runtimeConfig = { portMappings: [{ hostPort: 8080, containerPort: 80 }] };
  await attach(lab.host, dead, { conf: { runtimeConfig }, containerID: 'dead' });
  await lab.host.run(['ip', 'netns', 'exec', 'dead', 'ip', 'link', 'del', 'eth0']);
  expect(await lab.run('nft', 'list', 'ruleset')).toContain('8080');
  await lab.flatnet('ipam', 'gc', '--dry-run');
  expect(await lab.run('nft', 'list', 'ruleset')).toContain('8080');
  expect((await lab.flatnet('ipam', 'gc')).stdout).toBe('Freed:\nflatnet 10.87.1.3 of dead\n');
  expect(await lab.run('nft', 'list', 'ruleset')).not.toContain('8080');
  expect(await sandbox.run(['ip', '-4', 'address', 'show', 'dev', 'eth0'])).toContain('10.87.1.2/24');
});

test('ipam release refuses the address of a container that is there', async () => {
  await lab.attach('web');
  const refused = await lab.flatnet('ipam', 'release', 'web');
  expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('web is live')]);
  await orphan('10.87.1.2');
  expect((await lab.flatnet('ipam', 'release', 'web')).exitCode).toBe(0);
  expect(await lab.json('ipam', 'list')).toEqual([]);
});

test('ipam repair rebuilds a damaged state from the links', async () => {
  await lab.attach('web');
  await lab.write(STATE, '{"version":1,');
  expect((await lab.flatnet('ipam', 'repair')).stdout).toContain('1 addresses in use');
  expect(Object.keys(JSON.parse(await lab.read(STATE)).allocations)).toEqual(['flatnet/10.87.1.2']);
});

test('ipam list and verify say that the state is damaged or lost, and what helps', async () => {
  await lab.attach('web');
  for (const [break_, words] of [
    [() => lab.write(STATE, '{"version":1,', 0o600), 'was damaged or edited by hand'],
    [() => lab.run('rm', STATE), 'is missing'],
  ] as const) {
    await break_();
    const listed = await lab.flatnet('ipam', 'list');
    expect(listed).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(words) });
    expect(listed.stdout).toMatch(/10\.87\.1\.2\/24 +web +eth0 +live/);
    const verified = await lab.flatnet('ipam', 'verify');
    expect(verified).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('"flatnet ipam repair"') });
    expect(await lab.json('ipam', 'verify')).toEqual({ addresses: 1, damaged: true, dead: [], strays: [] });
    expect((await lab.flatnet('ipam', 'repair')).exitCode).toBe(0);
    expect(await lab.json('ipam', 'verify')).toEqual({ addresses: 1, damaged: false, dead: [], strays: [] });
  }
});

test('every ipam command works on another data directory, and prints JSON', async () => {
  await lab.attach('web');
  await lab.run('mv', '/var/lib/flatnet/ipam', '/run/ipam');
  const on = <T>(...args: string[]) => lab.json<T>('ipam', ...args, '--data-dir', '/run/ipam');
  expect(await on('list')).toMatchObject([{ address: '10.87.1.2', holder: 'live' }]);
  expect(await on('list', '--network', 'other')).toEqual([]);
  expect(await on('show', '10.87.1.2')).toMatchObject([{ containerName: 'web' }]);
  expect(await on('verify')).toMatchObject({ addresses: 1 });
  await lab.run('ip', 'link', 'del', (await on<{ hostIfname: string }[]>('show', 'web'))[0]!.hostIfname);
  expect(await on('gc', '--dry-run')).toMatchObject({ dryRun: true, freed: [{ address: '10.87.1.2' }] });
  expect(await on('release', 'web')).toMatchObject([{ address: '10.87.1.2' }]);
  expect(await on('gc')).toEqual({ dryRun: false, freed: [] });
  expect(await on('repair')).toEqual({ path: '/run/ipam/allocations.json', addresses: 0, freed: [] });
});

test('bad input ends with code 2 and a sentence', async () => {
  for (const [args, words] of [
    [['list', '--data-dir', '/run/none'], 'Cannot open the data directory "/run/none": it does not exist'],
    [['gc', '--data-dir', ''], 'Cannot open the data directory "": it does not exist'],
    [['verify', '--data-dir', '/etc/hostname'], '"/etc/hostname" is not a directory'],
    [['list', '--data-dir'], '--data-dir'],
    [['show', 'nobody'], 'Cannot find "nobody" among the addresses in use'],
    [['show'], 'Missing required argument "name"'],
    [['release', '\u001b[2J'], 'Cannot find "\\u001b[2J"'],
    [['gc', '--dry'], '--dry'],
    [['frobnicate'], 'frobnicate'],
  ] as const) {
    const { exitCode, stdout, stderr } = await lab.flatnet('ipam', ...args);
    expect([exitCode, stdout], args.join(' ')).toEqual([2, '']);
    expect(stderr).toContain(words);
    expect(stderr).not.toMatch(/\p{Cc}(?<!\n)|\n\s+at /u);
  }
});
