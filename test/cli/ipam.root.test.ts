// Covers: cli/commands-ipam.ts, cli/ipam/
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLab, type Lab, STATE } from './lab.ts';

let lab: Lab;
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
