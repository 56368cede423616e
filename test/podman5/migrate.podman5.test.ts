import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sandbox } from '../../conformance/host.ts';
import type { Migration } from '../../src/cli/migrate/migrate.ts';
import { callByHand } from '../by-hand.ts';
import { ensureExecutable } from '../executable.ts';
import { ENVIRONMENT, IMAGE, type Machine } from '../podman/machine.ts';
import { createMachine5, remainsOf } from './machine.ts';
import { DRIVER_PLACE } from './root.ts';

const CONFLIST = '/etc/cni/net.d/lab.conflist';
const NETWORK = '/etc/containers/networks/lab.json';

/** As Podman 4 had it: a range of its own, a route, a reservation and limits besides. */
const LAB = {
  cniVersion: '1.0.0',
  name: 'lab',
  plugins: [
    {
      type: 'flatnet',
      bridge: 'lab0',
      ipMasq: true,
      mtu: 1400,
      ipam: {
        ranges: [[{ subnet: '10.97.1.0/24', rangeStart: '10.97.1.50', gateway: '10.97.1.254' }]],
        routes: [{ dst: '10.99.0.0/24', priority: 50 }],
        reservations: { kept: '10.97.1.9' },
      },
      capabilities: { portMappings: true, ips: true, mac: true },
    },
  ],
};

let machine: Machine;

beforeAll(async () => {
  await ensureExecutable();
  machine = await createMachine5();
});
afterAll(() => machine.dispose());

const flatnet = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  machine.host.exec([DRIVER_PLACE, ...args], { env: { ...ENVIRONMENT, ...env }, timeoutMs: 60_000 });

async function migrate(...args: readonly string[]): Promise<Migration> {
  const { stdout, stderr } = await flatnet(['migrate', 'lab', ...args, '--json']);
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(`migrate printed no JSON: ${stdout}${stderr}`);
  }
}

async function place(path: string, text: string): Promise<void> {
  await mkdir(dirname(machine.host.file(path)), { recursive: true });
  await writeFile(machine.host.file(path), text);
}

/** A container as Podman 4 attaches it: by the conflist that is there. */
interface Old {
  readonly id: string;
  readonly name: string;
  readonly sandbox: Sandbox;
}

async function call(verb: 'ADD' | 'DEL', { id, name, sandbox }: Old, list: any): Promise<string | undefined> {
  const conf = { ...list.plugins[0], name: list.name, cniVersion: list.cniVersion };
  const env = { CNI_CONTAINERID: id, CNI_ARGS: `IgnoreUnknown=1;K8S_POD_NAME=${name}` };
  const { exitCode, stdout } = await callByHand(machine.host, [DRIVER_PLACE], {
    verb,
    netns: sandbox.path,
    conf,
    env,
  });
  expect(`${stdout} ${exitCode}`).toMatch(/ 0$/);
  return stdout === '' ? undefined : JSON.parse(stdout).ips[0].address;
}

async function oldContainer(name: string): Promise<Old> {
  return { id: `old-${name}`, name, sandbox: await machine.host.addSandbox(name) };
}

const addressOf = async (name: string) => (await machine.endpoint(name, 'lab')).IPAddress;

describe('flatnet migrate, from the CNI of Podman 4 to Podman 5', () => {
  it('gives containers that are made anew the addresses they had, there and back', async () => {
    await place(CONFLIST, JSON.stringify(LAB));
    const [first, web, db] = await Promise.all(['first', 'web', 'db'].map(oldContainer));
    for (const [index, old] of [first!, web!, db!].entries())
      expect(await call('ADD', old, LAB)).toBe(`10.97.1.${50 + index}/24`);
    await call('DEL', first!, LAB);
    await call('DEL', web!, LAB);

    const { to, move, containers, warnings } = await migrate();
    expect({ to, move, warnings }).toEqual({
      to: 'netavark',
      move: { from: CONFLIST, to: `${CONFLIST}.bak` },
      warnings: [],
    });
    expect(containers).toMatchObject([
      { name: 'db', id: 'old-db', addresses: ['10.97.1.52'], state: 'attached' },
      { name: 'first', addresses: ['10.97.1.50'], state: 'gone' },
      { name: 'web', addresses: ['10.97.1.51'], state: 'gone' },
    ]);
    const [inspected] = JSON.parse(await machine.succeed('network', 'inspect', 'lab'));
    expect(inspected).toMatchObject({
      driver: 'flatnet',
      network_interface: 'lab0',
      subnets: [
        {
          subnet: '10.97.1.0/24',
          gateway: '10.97.1.254',
          lease_range: { start_ip: '10.97.1.50', end_ip: '10.97.1.254' },
        },
      ],
      routes: [{ destination: '10.99.0.0/24', gateway: '10.97.1.254', metric: 50 }],
      options: { mtu: '1400', reservations: 'kept=10.97.1.9' },
    });

    await machine.web('web', '--network=lab');
    expect(await addressOf('web')).toBe('10.97.1.51');
    const inside = await machine.succeed('exec', 'web', 'sh', '-c', 'ip link show eth0; ip route');
    expect(inside).toContain('mtu 1400');
    expect(inside).toMatch(/10\.99\.0\.0\/24 via 10\.97\.1\.254 dev eth0 .*metric 50/);
    await machine.web('new', '--network=lab');
    expect(await addressOf('new')).toBe('10.97.1.53');
    await call('DEL', db!, LAB);
    await machine.web('db', '--network=lab');
    await machine.web('kept', '--network=lab');
    expect([await addressOf('db'), await addressOf('kept')]).toEqual(['10.97.1.52', '10.97.1.9']);
    await machine.clear();
    expect(await remainsOf(machine)).toEqual([]);

    const back = await migrate('--to', 'cni');
    expect(back.move?.from).toBe(NETWORK);
    expect(back.warnings).toEqual([expect.stringMatching(/^Podman 5\.\S+ uses netavark/)]);
    const list = JSON.parse(await readFile(machine.host.file(CONFLIST), 'utf8'));
    const again = await Promise.all(['web', 'kept'].map((name) => machine.host.addSandbox(`${name}2`)));
    expect(await call('ADD', { id: 'again-web', name: 'web', sandbox: again[0]! }, list)).toBe(
      '10.97.1.51/24',
    );
    expect(await call('ADD', { id: 'again-kept', name: 'kept', sandbox: again[1]! }, list)).toBe(
      '10.97.1.9/24',
    );
    expect((await machine.podman('network', 'exists', 'lab')).exitCode).toBe(1);
  });

  it('goes on where Podman itself does not start yet, because it was told to use CNI', async () => {
    const path = '/etc/containers/containers.conf.d/flatnet.conf';
    await place(CONFLIST.replaceAll('lab', 'early'), JSON.stringify({ ...LAB, name: 'early' }));
    await place(path, '[network]\nnetwork_backend = "cni"\n');
    // As on a machine of one's own: the files of /etc are read.
    const engine = await readFile(machine.host.file('/run/flatnet-test/containers.conf'), 'utf8');
    await place('/etc/containers/containers.conf', engine);
    const { stdout } = await flatnet(['migrate', 'early', '--json'], { CONTAINERS_CONF: '' });
    const { to, warnings }: Migration = JSON.parse(stdout);
    expect([to, warnings]).toEqual([
      'netavark',
      [
        expect.stringMatching(/^network_backend is "cni", with which Podman 5\.\S+ does not start: sudo rm /),
        expect.stringMatching(/^Podman does not list its containers/),
      ],
    ]);
    await machine.host.run(['rm', path, '/etc/containers/containers.conf']);
    await machine.succeed('network', 'exists', 'early');
  });

  it('looks for networks where Podman does when CONTAINERS_CONF_OVERRIDE is set', async () => {
    const override = '/etc/containers/override.conf';
    await place(override, '[network]\nnetwork_config_dir = "/etc/containers/elsewhere"\n');
    const env = { ...ENVIRONMENT, CONTAINERS_CONF_OVERRIDE: override };
    const words = ['podman', 'network', 'create', '--driver=flatnet', 'there'];
    expect(await machine.host.exec(words, { env, timeoutMs: 60_000 })).toMatchObject({
      exitCode: 0,
      stderr: '',
    });
    const { stdout } = await flatnet(['network', 'ls', '--json'], { CONTAINERS_CONF_OVERRIDE: override });
    expect(JSON.parse(stdout).networks).toMatchObject([
      { name: 'there', path: '/etc/containers/elsewhere/there.json' },
    ]);
    const run = ['podman', 'run', '--rm', '--network=there', IMAGE, 'true'];
    expect(await machine.host.exec(run, { env, timeoutMs: 60_000 })).toMatchObject({ exitCode: 0 });
  });
});
