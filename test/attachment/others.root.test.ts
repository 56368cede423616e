import { mkdir, writeFile } from 'node:fs/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable } from '../executable.ts';
import { allocated, attach, invoke } from '../fixtures/plugin.ts';
import { reaches } from '../fixtures/traffic.ts';

let host: Host;
let sandbox: Sandbox;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
  sandbox = await host.addSandbox('box');
});
afterEach(() => host.dispose());

const CONF = {
  name: 'podman',
  cniVersion: '1.1.0',
  bridge: 'cni-podman0',
  ipam: { ranges: [[{ subnet: '10.88.0.0/29' }], [{ subnet: 'fd00:88::/64' }]] },
};
const addressesOf = ({ ips }: any) => ips.map(({ address }: { address: string }) => address.split('/')[0]);

async function hostLocalHolds(directory: string, address: string): Promise<void> {
  await mkdir(host.file(`${directory}/podman`), { recursive: true });
  await writeFile(host.file(`${directory}/podman/${address}`), 'old\r\neth0');
}

/** A container of another plugin on the bridge, which the host has talked to. */
async function neighbour(address: string, prefix: number): Promise<Sandbox> {
  const other = await host.addSandbox();
  await host.run(['ip', 'link', 'add', 'veth0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', other.name]);
  await host.run(['ip', 'link', 'set', 'dev', 'veth0', 'master', 'cni-podman0', 'up']);
  await other.run([
    'ip',
    'address',
    'add',
    `${address}/${prefix}`,
    'dev',
    'eth0',
    ...(address.includes(':') ? ['nodad'] : []),
  ]);
  await other.run(['ip', 'link', 'set', 'dev', 'eth0', 'up']);
  await expect.poll(() => reaches(host, address), { timeout: 20_000 }).toBe(true);
  return other;
}

describe('an address that a container of host-local has', () => {
  it('is given to nobody, and refused by name to whoever asks for it', async () => {
    await hostLocalHolds('/var/lib/cni/networks', '10.88.0.2');
    await hostLocalHolds('/var/lib/cni/networks', 'fd00:88::2');
    const call = { netns: sandbox.path, conf: CONF, args: 'IP=10.88.0.2' };
    const { json } = await invoke(host, 'ADD', call);
    expect(json).toMatchObject({
      code: 102,
      msg: 'Cannot allocate 10.88.0.2 in network "podman": container "old" of host-local (/var/lib/cni/networks/podman/10.88.0.2) has it',
    });
    expect(addressesOf(await attach(host, sandbox, { conf: CONF }))).toEqual(['10.88.0.3', 'fd00:88::3']);
  });

  it('is looked for in the data directory that the network had, too', async () => {
    const conf = { ...CONF, ipam: { subnet: '10.88.0.0/29', dataDir: '/var/lib/mine' } };
    await host.run(['mkdir', '-m', '700', '/var/lib/mine']);
    await hostLocalHolds('/var/lib/mine', '10.88.0.2');
    expect(addressesOf(await attach(host, sandbox, { conf }))).toEqual(['10.88.0.3']);
  });

  it('is its own when the container comes back', async () => {
    await hostLocalHolds('/var/lib/cni/networks', '10.88.0.2');
    const call = { conf: CONF, containerID: 'old', args: 'IP=10.88.0.2' };
    expect(addressesOf(await attach(host, sandbox, call))[0]).toBe('10.88.0.2');
  });

  it('counts: STATUS and ADD say whose the addresses are when none is left', async () => {
    for (const last of [2, 3, 4, 5, 6]) await hostLocalHolds('/var/lib/cni/networks', `10.88.0.${last}`);
    for (const verb of ['STATUS', 'ADD']) {
      const { json } = await invoke(host, verb, { conf: CONF, netns: sandbox.path });
      expect(json.details).toContain('5 held by others (10.88.0.2 by container "old" of host-local');
    }
    expect(await allocated(host)).toEqual([]);
  });
});

describe('an address that a neighbour on the bridge has', () => {
  beforeEach(async () => {
    await attach(host, sandbox, { conf: CONF, containerID: 'first' });
  });

  it.each([
    ['10.88.0.3', 29, ['10.88.0.4', 'fd00:88::3']],
    ['fd00:88::3', 64, ['10.88.0.3', 'fd00:88::4']],
  ])('is passed over: %s', async (address, prefix, next) => {
    await neighbour(address, prefix);
    const second = await host.addSandbox();
    expect(addressesOf(await attach(host, second, { conf: CONF, containerID: 'second' }))).toEqual(next);
  });

  it('is refused to whoever asks for it, until it has left the bridge', async () => {
    await neighbour('10.88.0.5', 29);
    const second = await host.addSandbox();
    const call = { netns: second.path, conf: CONF, containerID: 'second', args: 'IP=10.88.0.5' };
    expect((await invoke(host, 'ADD', call)).json.msg).toMatch(
      /the neighbour [0-9a-f:]{17} on bridge "cni-podman0" has it$/,
    );
    await host.run(['ip', 'link', 'del', 'dev', 'veth0']);
    expect(addressesOf(await attach(host, second, call))[0]).toBe('10.88.0.5');
  });

  it.each([{}, { args: 'MAC=02:00:00:00:00:07' }])(
    "is nobody else's where it was of flatnet's own container with %j",
    async (more) => {
      const call = { conf: CONF, containerID: 'second', ...more };
      const second = await host.addSandbox();
      const had = addressesOf(await attach(host, second, call));
      for (const address of had) expect(await reaches(host, address)).toBe(true);
      await invoke(host, 'DEL', { ...call, netns: second.path });
      const { args: _args, ...again } = call;
      expect(addressesOf(await attach(host, await host.addSandbox(), again))).toEqual(had);
    },
  );
});
