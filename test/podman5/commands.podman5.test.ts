import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ensureExecutable } from '../executable.ts';
import { ENVIRONMENT, IMAGE, type Machine } from '../podman/machine.ts';
import { createMachine5, remainsOf } from './machine.ts';

const BUILT = '/opt/clone/flatnet';
let machine: Machine;

beforeAll(async () => {
  await ensureExecutable();
  machine = await createMachine5(BUILT);
  const { stdout, stderr, exitCode } = await flatnet('install');
  expect(`${stderr} ${exitCode}`).toBe(' 0');
  expect(stdout).toContain('Installed as a driver of netavark: Podman 5.');
});
afterEach(() => machine.clear());
afterAll(() => machine.dispose());

const flatnet = (...args: readonly string[]) =>
  machine.host.exec([BUILT, ...args], { env: ENVIRONMENT, timeoutMs: 60_000 });

async function json<T>(...args: readonly string[]): Promise<T> {
  return JSON.parse((await flatnet(...args, '--json')).stdout) as T;
}

describe('on Podman 5', () => {
  it('podman run --network flatnet works right after flatnet install', async () => {
    expect(await machine.succeed('run', '--rm', '--network=flatnet', IMAGE, 'ip', '-4', 'addr')).toContain(
      'inet 10.87.1.2/24',
    );
    expect(await machine.succeed('network', 'ls', '--format={{.Name}} {{.Driver}}')).toContain(
      'flatnet flatnet',
    );
    expect(await machine.succeed('info', '--format={{.Plugins.Network}}')).toContain('flatnet');
  });

  it('status, ps and network inspect show a container of Podman, and doctor finds no fault', async () => {
    await machine.web('page', '--network=flatnet', '--publish=8081:80');
    expect(await json('status')).toMatchObject({
      networks: [
        {
          name: 'flatnet',
          backend: 'netavark',
          used: 1,
          attachments: [{ containerName: 'page', link: 'up' }],
        },
      ],
    });
    expect(await json('ps')).toMatchObject({
      containers: [
        {
          name: 'page',
          addresses: [(await machine.endpoint('page', 'flatnet')).IPAddress],
          networks: ['flatnet'],
        },
      ],
    });
    expect(await json('network', 'inspect', 'flatnet')).toMatchObject({
      backend: 'netavark',
      path: '/etc/containers/networks/flatnet.json',
      config: { driver: 'flatnet' },
    });
    const { checks } = await json<{ checks: { category: string; status: string; message: string }[] }>(
      'doctor',
    );
    const podman = checks.filter(({ category }) => category === 'Podman');
    expect(podman.map(({ status, message }) => `${status} ${message}`)).toEqual([
      expect.stringMatching(
        /^pass Podman 5\.\S+ uses netavark 1\.\S+, because .*\/etc\/containers\/networks$/,
      ),
      expect.stringMatching(/^pass \/usr\/local\/libexec\/netavark\/flatnet is flatnet /),
      'pass 1 container running in these networks, each with an address',
    ]);
  });

  it('reload puts rules back, and ipam gc frees what Podman left behind', async () => {
    await machine.web('page', '--network=flatnet', '--publish=8081:80');
    await machine.host.run(['nft', 'flush', 'ruleset']);
    const reloaded = await flatnet('reload');
    expect(reloaded.stdout).toBe('Restored the rules of 1 container on flatnet, with 1 published port.\n');
    expect(
      (await json<{ networks: { missingRules: string[] }[] }>('status')).networks[0]?.missingRules,
    ).toEqual([]);
    const { IPAddress: address } = await machine.endpoint('page', 'flatnet');
    const [link = ''] = (await remainsOf(machine)).filter((name) => /^fn[0-9a-z]{13}$/.test(name));
    await machine.host.run(['ip', 'link', 'del', 'dev', link]);
    expect(await json('ipam', 'gc')).toMatchObject({ freed: [{ address, network: 'flatnet' }] });
  });

  it('network create makes what podman network create does, and rm leaves nothing of it', async () => {
    await machine.succeed('network', 'create', '--driver=flatnet', 'theirs');
    const made = await flatnet('network', 'create', 'ours', '--no-masq');
    expect(`${made.stdout}${made.stderr}`).toContain('Created network "ours"');
    const [ours, theirs] = await Promise.all(
      ['ours', 'theirs'].map(
        async (name) =>
          JSON.parse(
            await readFile(machine.host.file(`/etc/containers/networks/${name}.json`), 'utf8'),
          ) as object,
      ),
    );
    expect(Object.keys(ours!).filter((key) => key !== 'options')).toEqual(Object.keys(theirs!));
    const inspected = JSON.parse(await machine.succeed('network', 'inspect', 'ours'));
    expect(inspected).toMatchObject([{ name: 'ours', driver: 'flatnet', options: { masquerade: 'false' } }]);
    await machine.succeed('run', '--rm', '--network=ours', IMAGE, 'true');
    for (const name of ['ours', 'theirs']) expect((await flatnet('network', 'rm', name)).exitCode).toBe(0);
    expect(await machine.succeed('network', 'ls', '--format={{.Name}}')).toBe('flatnet\npodman');
    expect(await remainsOf(machine)).toEqual([]);
  });

  it('uninstall refuses while Podman keeps a network of the driver', async () => {
    await machine.succeed('network', 'create', '--driver=flatnet', 'theirs');
    expect((await flatnet('uninstall')).stderr).toContain('flatnet network rm theirs');
    await flatnet('network', 'rm', 'theirs');
    const { done } = await json<{ done: readonly string[] }>('uninstall');
    expect(done).toContain('removed /usr/local/libexec/netavark/flatnet');
    expect(await machine.succeed('network', 'ls', '--format={{.Name}}')).toBe('podman');
  });
});
