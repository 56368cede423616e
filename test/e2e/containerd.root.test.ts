import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareSnapshots } from '../../conformance/snapshot.ts';
import { ensureExecutable } from '../executable.ts';
import { createContainerd, type ContainerdHost } from './containerd.ts';

const conflist = JSON.parse(
  await readFile(join(import.meta.dirname, '../../examples/flatnet.conflist'), 'utf8'),
) as { readonly plugins: readonly object[] };

let containerd: ContainerdHost;

beforeAll(async () => {
  await ensureExecutable();
  containerd = await createContainerd(conflist);
}, 120_000);
afterAll(() => containerd.dispose());

const addressOf = async (name: string): Promise<string> => {
  const { stdout } = await containerd.ctr(
    'task',
    'exec',
    '--exec-id',
    'address',
    name,
    '/bin/ip',
    '-o',
    '-4',
    'addr',
  );
  return /eth0 +inet ([\d.]+)\//.exec(stdout)?.[1] ?? stdout;
};

describe('ctr run --cni', () => {
  test('gives a container an address, a default route and the way to the gateway, and takes them back', async () => {
    const before = await containerd
      .run('first', ['/bin/true'], '--rm')
      .then(() => containerd.host.snapshot());
    const script = 'ip -o -4 addr show dev eth0; ip route; ping -c 1 -W 3 10.87.1.1';
    const { exitCode, stdout } = await containerd.run('second', ['/bin/sh', '-c', script], '--rm');

    expect(stdout).toMatch(
      /inet 10\.87\.1\.\d+\/24[^]*default via 10\.87\.1\.1 dev eth0[^]*1 packets received/,
    );
    expect(exitCode).toBe(0);
    expect(compareSnapshots(before, await containerd.host.snapshot())).toEqual({ added: [], removed: [] });
    expect(await containerd.allocated()).toEqual([]);
  });

  test('lets detached containers reach each other at addresses of their own', async () => {
    await containerd.run('web', ['/bin/sleep', '600'], '--detach');
    await containerd.run('client', ['/bin/sleep', '600'], '--detach');
    const [web, client] = [await addressOf('web'), await addressOf('client')];
    const pinged = await containerd.ctr(
      'task',
      'exec',
      '--exec-id',
      'ping',
      'client',
      '/bin/ping',
      '-c',
      '1',
      '-W',
      '3',
      web,
    );

    expect(web).not.toBe(client);
    expect(pinged).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('1 packets received') as string,
    });
    await containerd.remove('web');
    await containerd.remove('client');
  });

  test('attaches a container again whose DEL was never sent, at the address it had', async () => {
    await containerd.run('again', ['/bin/sleep', '600'], '--detach');
    const address = await addressOf('again');
    await containerd.remove('again');
    const second = await containerd.run('again', ['/bin/sleep', '600'], '--detach');

    expect(second).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await addressOf('again')).toBe(address);
    expect((await containerd.allocated()).filter((key) => key.endsWith(`/${address}`))).toHaveLength(1);
    await containerd.remove('again');
  });
});

test('ctr run --cni shows what is wrong with the network, and leaves nothing', async () => {
  const plugins = conflist.plugins.map((plugin) => ({ ...plugin, mtu: 'large' }));
  await using broken = await createContainerd({ ...conflist, plugins });
  const { exitCode, stderr } = await broken.run('never', ['/bin/true'], '--rm');

  expect(exitCode).not.toBe(0);
  expect(stderr).toContain('"mtu"');
  expect(await broken.host.snapshot()).toEqual(
    expect.not.arrayContaining([expect.stringContaining('flatnet-br0')]),
  );
});
