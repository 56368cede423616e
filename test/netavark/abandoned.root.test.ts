import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { type DriverCall, setup, trySetup } from '../fixtures/driver.ts';
import { runLater } from '../fixtures/later.ts';
import { allocated, pairs } from '../fixtures/plugin.ts';
import { placePodman, type PodmanStub } from '../fixtures/podman-stub.ts';

/*
 * Podman is killed while it starts a container, and the container is removed later: Podman calls no `teardown` then, and
 * the file of its namespace stays, so that the kernel keeps the pair. Measured with Podman 5.4.2 in
 * test/podman5/abandoned.podman5.test.ts.
 */

const ID = 'ab'.repeat(32);
const NAMESPACE = 'netns-709e05cd-ecb2-3c0a-7fb0-7af41c9bb32d';
const BOTH = {
  subnets: [
    { subnet: '10.87.2.0/24', gateway: '10.87.2.1', lease_range: null },
    { subnet: 'fd00:87:2::/64', gateway: 'fd00:87:2::1', lease_range: null },
  ],
};
const CALL: DriverCall = {
  containerID: ID,
  name: 'web',
  network: BOTH,
  ports: [{ container_port: 80, host_port: 8080 }],
};

let host: Host;
let box: Sandbox;
let podman: PodmanStub;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
  podman = await placePodman(host);
  box = await host.addSandbox(NAMESPACE);
});
afterEach(() => host.dispose());

const gc = (...words: readonly string[]) => runLater(host, { seconds: 90, args: ['ipam', 'gc', ...words] });

/** Pairs, addresses, elements with the pair's name, namespaces of Podman. */
async function remains(): Promise<readonly string[]> {
  const { stdout: rules } = await host.exec(['nft', 'list', 'ruleset']);
  const namespaces = await host.run(['ls', '/run/netns']);
  return [
    ...(await pairs(host)),
    ...(await allocated(host)),
    ...rules.split('\n').filter((line) => /comment "fn[0-9a-z]{13}/.test(line)),
    ...namespaces.split('\n').filter((name) => name.startsWith('netns-')),
  ];
}

/** A configuration that `doctor` reads networks from. */
async function describeNetwork(): Promise<void> {
  const file = {
    name: 'lab',
    id: '168a89fe4aacc708e9d7d09848e17715d80fa8a3f29dced133f2ff4ad9822bab',
    driver: 'flatnet',
    network_interface: 'flatnet-br1',
    ipam_options: { driver: 'flatnet' },
    ...BOTH,
  };
  await host.run(['mkdir', '-p', '/etc/containers/networks']);
  await host.run(['tee', '/etc/containers/networks/lab.json'], { input: JSON.stringify(file) });
}

const FREED = 'lab 10.87.2.2 of web\nlab fd00:87:2::2 of web\n';

describe('flatnet ipam gc, of a container that Podman has removed without a teardown', () => {
  it('removes pair, rules, addresses and namespace, and shows before what it would', async () => {
    await setup(host, box, CALL);
    const before = await remains();
    expect((await gc('--dry-run')).stdout).toBe(`Would free:\n${FREED}`);
    expect(await remains()).toEqual(before);
    expect(await gc()).toMatchObject({ exitCode: 0, stdout: `Freed:\n${FREED}`, stderr: '' });
    expect(await remains()).toEqual([]);
    // What it had is free for another one.
    const next = await host.addSandbox('netns-809e05cd-ecb2-3c0a-7fb0-7af41c9bb32d');
    const call = { ...CALL, containerID: 'cd'.repeat(32), ips: ['10.87.2.2', 'fd00:87:2::2'] };
    expect((await trySetup(host, next, call)).json.error).toBeUndefined();
  });

  it('removes an attachment that was killed before its link had a name', async () => {
    await setup(host, box, CALL);
    const [pair = ''] = await pairs(host);
    await host.run(['ip', 'link', 'set', 'dev', pair, 'alias', '']);
    expect((await gc()).stdout).toBe(`Freed:\n${FREED}`);
    expect(await remains()).toEqual([]);
  });

  it('leaves what Podman knows, what has a process, what moved, and what another engine has', async () => {
    const uuid = (first: string) => `${first}-ecb2-3c0a-7fb0-7af41c9bb32d`;
    const attachIn = async (namespace: string, containerID: string) => {
      const place = await host.addSandbox(namespace);
      await setup(host, place, { containerID });
      return place;
    };
    await attachIn(`netns-${uuid('11111111')}`, '1'.repeat(64));
    await podman.knows('1'.repeat(64));
    const busy = await attachIn(`netns-${uuid('22222222')}`, '2'.repeat(64));
    busy.start(['sleep', '1000'], { timeoutMs: 60_000 });
    const entered = async () => (await host.run(['ip', 'netns', 'pids', busy.name])).trim();
    await expect.poll(entered, { timeout: 10_000 }).not.toBe('');
    const moved = await attachIn(`netns-${uuid('33333333')}`, '3'.repeat(64));
    await host.run(['sh', '-c', `touch /run/netns/kept && mount --bind ${moved.path} /run/netns/kept`]);
    await moved.remove();
    await host.addSandbox(moved.name);
    await attachIn(`cni-${uuid('44444444')}`, '4'.repeat(64));
    await attachIn(`netns-${uuid('55555555')}`, 'buildah-buildah1234');
    const before = await remains();
    expect(await gc()).toMatchObject({ exitCode: 0, stdout: 'Every address in use has a container.\n' });
    expect(await remains()).toEqual(before);
  });

  it('leaves one that may still be starting; and all, saying why, where Podman does not answer', async () => {
    await setup(host, box, CALL);
    const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
    const { stdout } = await host.exec([EXECUTABLE, 'ipam', 'gc'], { env });
    expect(stdout).toBe('Every address in use has a container.\n');
    await podman.fails();
    expect(await gc()).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('Cannot tell which containers Podman has removed: '),
    });
    expect(await pairs(host)).toHaveLength(1);
  });
});

describe('flatnet doctor, of a container that Podman has removed without a teardown', () => {
  const doctor = async (...words: readonly string[]) => {
    const { stdout } = await runLater(host, { seconds: 90, args: ['doctor', '--json', ...words] });
    return JSON.parse(stdout);
  };

  it('finds it, and --fix removes what is left', async () => {
    await describeNetwork();
    await setup(host, box, CALL);
    const found = (await doctor()).checks.find(({ name }: any) => name === 'orphans');
    expect(found).toMatchObject({
      status: 'warning',
      message: expect.stringContaining('held by a container that is gone, which Podman does not detach'),
      suggestion: expect.stringContaining('flatnet ipam gc'),
    });
    const { fixes, checks } = await doctor('--fix');
    expect(fixes).toMatchObject([
      {
        check: 'orphans',
        said: 'removed what was left of 10.87.2.2 (web), fd00:87:2::2 (web)',
        failed: false,
      },
    ]);
    expect(checks.map(({ name }: any) => name)).not.toContain('orphans');
    expect(await remains()).toEqual([]);
  });

  it('calls nobody an orphan where Podman does not list its containers', async () => {
    await describeNetwork();
    await setup(host, box, CALL);
    await podman.fails();
    const { checks } = await doctor('--fix');
    expect(checks.map(({ name }: any) => name)).not.toContain('orphans');
    expect(await pairs(host)).toHaveLength(1);
  });
});
