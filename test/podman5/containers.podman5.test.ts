import { readFile } from 'node:fs/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Sandbox } from '../../conformance/host.ts';
import { ensureExecutable } from '../executable.ts';
import { type Endpoint, ENVIRONMENT, IMAGE, type Machine } from '../podman/machine.ts';
import { createMachine5, remainsOf, untilServed } from './machine.ts';

let machine: Machine;

beforeAll(ensureExecutable);
beforeEach(async () => {
  machine = await createMachine5();
  await machine.succeed('network', 'create', '--driver=flatnet', 'flatnet');
});
afterEach(() => machine.dispose());

const web = (name: string, ...options: readonly string[]) =>
  machine.web(name, '--network=flatnet', ...options);
const endpoint = (name: string): Promise<Endpoint> => machine.endpoint(name, 'flatnet');
const held = async (): Promise<string[]> => Object.keys(await machine.allocations());
const address = async (name: string): Promise<string> => (await endpoint(name)).IPAddress;

/** The calls that the log tells of. */
async function logged(): Promise<readonly string[]> {
  const log = await readFile(machine.host.file('/var/log/flatnet/cni.log'), 'utf8');
  const lines = log
    .trim()
    .split('\n')
    .map((line): any => JSON.parse(line));
  return lines.map(({ verb, level }) => `${verb} ${level}`);
}

/** A machine on the LAN of the host, which knows no route to its containers. */
async function addPeer(): Promise<Sandbox> {
  const { host } = machine;
  const peer = await host.addSandbox('peer');
  await host.run(['ip', 'link', 'add', 'lan0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', 'peer']);
  await host.run(['ip', 'address', 'add', '198.51.100.1/24', 'dev', 'lan0']);
  await host.run(['ip', 'link', 'set', 'dev', 'lan0', 'up']);
  await peer.run(['ip', 'address', 'add', '198.51.100.2/24', 'dev', 'eth0']);
  await peer.run(['ip', 'link', 'set', 'dev', 'eth0', 'up']);
  return peer;
}

async function expectNothingLeft(): Promise<void> {
  await machine.clear();
  expect(await remainsOf(machine)).toEqual([]);
}

describe('a container of Podman 5 on flatnet', () => {
  it('has the address and MAC that Podman shows, reaches others and the world, and is reached by its ports', async () => {
    const peer = await addPeer();
    await web('web', '--ip=10.87.1.40', '--mac-address=02:00:00:00:00:40', '--publish=8080-8081:80-81');
    await web('other');
    expect(await endpoint('web')).toMatchObject({
      IPAddress: '10.87.1.40',
      IPPrefixLen: 24,
      Gateway: '10.87.1.1',
      MacAddress: '02:00:00:00:00:40',
    });
    const inside = await machine.succeed('exec', 'web', 'ip', 'address', 'show', 'eth0');
    expect(inside).toContain('10.87.1.40/24');
    expect(inside).toContain('02:00:00:00:00:40');
    await untilServed(machine, '10.87.1.40');
    await untilServed(machine, '10.87.1.40', 'other');
    await untilServed(machine, '127.0.0.1:8080');
    const page = ['busybox', 'wget', '-q', '-O', '-', 'http://198.51.100.1:8080/'];
    expect((await peer.run(page)).trim()).toBe('ok');
    // The peer has no route back to the containers: only masqueraded packets are answered.
    await machine.succeed('exec', 'web', 'ping', '-c', '1', '-W', '2', '198.51.100.2');
    await expectNothingLeft();
  });

  it('keeps its address over stop and start, restart, and being made anew under its name', async () => {
    await web('first');
    await web('web');
    const before = await address('web');
    await machine.succeed('stop', '--time=0', 'web');
    await web('newcomer');
    await machine.succeed('start', 'web');
    expect(await address('web')).toBe(before);
    await machine.succeed('restart', '--time=0', 'web');
    expect(await address('web')).toBe(before);
    await machine.succeed('rm', '--force', '--time=0', 'web');
    await web('another');
    await web('web');
    expect(await address('web')).toBe(before);
    expect([await address('first'), await address('newcomer'), await address('another')]).not.toContain(
      before,
    );
    await expectNothingLeft();
  });

  it('keeps its address under a new name', async () => {
    await web('web');
    await web('other');
    const before = await address('web');
    await machine.succeed('rename', 'web', 'shop');
    await machine.succeed('rm', '--force', '--time=0', 'shop');
    await web('web');
    expect(await address('web')).not.toBe(before);
    await web('shop');
    expect(await address('shop')).toBe(before);
  });

  it('joins and leaves a network while it runs', async () => {
    await machine.succeed('network', 'create', '--driver=flatnet', 'second');
    await web('web');
    await machine.succeed('network', 'connect', '--ip=10.87.2.30', '--alias=db', 'second', 'web');
    expect(await machine.endpoint('web', 'second')).toMatchObject({ IPAddress: '10.87.2.30' });
    await untilServed(machine, '10.87.2.30');
    // The first network keeps the default route.
    expect((await machine.succeed('exec', 'web', 'ip', 'route')).split('\n')[0]).toContain(
      'via 10.87.1.1 dev eth0',
    );
    await machine.succeed('network', 'disconnect', 'second', 'web');
    expect(await held()).toEqual(['flatnet/10.87.1.2']);
    await untilServed(machine, '10.87.1.2');
    await expectNothingLeft();
  });

  it('is on several networks at once, each with options of its own', async () => {
    await machine.succeed('network', 'create', '--driver=flatnet', 'second');
    const networks = [
      '--network=flatnet:ip=10.87.1.30,interface_name=front,metric=50',
      '--network=second:interface_name=back',
    ];
    await machine.web('web', ...networks, '--publish=8080:80');
    expect(await machine.succeed('exec', 'web', 'ip', 'route', 'show', 'default')).toContain(
      'via 10.87.1.1 dev front',
    );
    await untilServed(machine, '10.87.1.30');
    await untilServed(machine, (await machine.endpoint('web', 'second')).IPAddress);
    await untilServed(machine, '127.0.0.1:8080');
    await expectNothingLeft();
  });

  it('is as before after podman network reload', async () => {
    await web('web', '--publish=8080:80');
    const before = await endpoint('web');
    await machine.host.run(['nft', 'flush', 'ruleset']);
    await machine.succeed('network', 'reload', 'web');
    expect(await endpoint('web')).toEqual(before);
    await untilServed(machine, '127.0.0.1:8080');
    await untilServed(machine, before.IPAddress);
    await expectNothingLeft();
  });

  it('shares the network of its pod, whose name keeps the address', async () => {
    const pod = [
      'pod',
      'create',
      '--name=pod',
      '--network=flatnet',
      '--publish=8080:80',
      `--infra-image=${IMAGE}`,
    ];
    await machine.succeed(...pod, '--infra-command=sleep 1000');
    await machine.web('web', '--pod=pod');
    await untilServed(machine, '127.0.0.1:8080');
    const allocations = Object.entries<any>(await machine.allocations());
    expect(allocations).toMatchObject([['flatnet/10.87.1.2', { containerName: 'pod' }]]);
    await expectNothingLeft();
  });

  it('that cannot start leaves nothing, and Podman shows why', async () => {
    await web('web', '--ip=10.87.1.40');
    const { exitCode, stderr } = await machine.podman(
      'run',
      '--name=late',
      '--network=flatnet',
      '--ip=10.87.1.40',
      IMAGE,
    );
    expect(exitCode).not.toBe(0);
    expect(stderr).toMatch(
      /plugin "flatnet" failed: exit code 1, message: .*10\.87\.1\.40.*container "web" \(/,
    );
    await machine.succeed('rm', '--force', 'late');
    expect(await held()).toEqual(['flatnet/10.87.1.40']);
    await expectNothingLeft();
  });

  it('whose second network fails leaves nothing in the first', async () => {
    await machine.succeed('network', 'create', '--driver=flatnet', 'second');
    await machine.web('web', '--network=second:ip=10.87.2.9');
    const both = ['--network=flatnet', '--network=second:ip=10.87.2.9'];
    expect((await machine.podman('run', '--name=late', ...both, IMAGE)).exitCode).not.toBe(0);
    await machine.succeed('rm', '--force', 'late');
    expect(await held()).toEqual(['second/10.87.2.9']);
  });

  it('whose Podman is killed in setup starts again with its address, and then leaves nothing', async () => {
    const { host } = machine;
    // nft that never ends holds the first setup, after the pair was made.
    await host.run(['tee', '/run/nft'], {
      input: '#!/bin/sh\n[ -e /run/free ] && exec /run/nft.real "$@"\n[ "$1" = -c ] || exec sleep 100\n',
    });
    await host.run(['cp', '/usr/sbin/nft', '/run/nft.real']);
    await host.run(['chmod', '+x', '/run/nft']);
    await host.run(['mount', '--bind', '/run/nft', '/usr/sbin/nft']);
    // Its output is nobody's, or the driver that lives on would keep it open.
    const script = `exec podman run --detach --name=web --network=flatnet ${IMAGE} >/dev/null 2>&1`;
    const run = host.start(['sh', '-c', script], { env: ENVIRONMENT });
    await expect.poll(held, { timeout: 10_000 }).toEqual(['flatnet/10.87.1.2']);
    process.kill(run.pid, 'SIGKILL');
    await run.result;
    await host.run(['touch', '/run/free']);
    // The driver goes on, and nobody ever calls teardown for it.
    await expect.poll(async () => (await logged()).at(-1), { timeout: 40_000 }).toMatch(/^setup/);
    await machine.succeed('start', 'web');
    expect(await address('web')).toBe('10.87.1.2');
    await untilServed(machine, '10.87.1.2');
    await machine.clear();
    expect((await remainsOf(machine)).filter((one) => !one.startsWith('netns-'))).toEqual([]);
  });

  it('gives its address back when it is killed, and has it again when it starts', async () => {
    await web('web');
    const pid = await machine.succeed('inspect', '--format={{.State.Pid}}', 'web');
    expect(Number(pid)).toBeGreaterThan(1);
    process.kill(Number(pid), 'SIGKILL');
    await expect.poll(held, { timeout: 20_000 }).toEqual([]);
    await machine.succeed('start', 'web');
    expect(await address('web')).toBe('10.87.1.2');
    await expectNothingLeft();
  });

  it('is written about in the log, and nothing is on stderr', async () => {
    const { stderr } = await machine.podman('run', '--rm', '--name=web', '--network=flatnet', IMAGE, 'true');
    expect(stderr).toBe('');
    expect(await logged()).toEqual(['create info', 'setup info', 'teardown info']);
  });
});
