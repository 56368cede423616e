import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ensureExecutable } from '../executable.ts';
import { IMAGE, type Machine } from '../podman/machine.ts';
import { link } from '../fixtures/links.ts';
import { createMachine5, remainsOf } from './machine.ts';

let machine: Machine;

beforeAll(async () => {
  await ensureExecutable();
  machine = await createMachine5();
});
afterEach(async () => {
  await machine.clear();
  await machine.succeed('network', 'prune', '--force');
});
afterAll(() => machine.dispose());

const create = (...words: readonly string[]) =>
  machine.succeed('network', 'create', '--driver=flatnet', ...words);
const inside = (network: string, script: string) =>
  machine.succeed('run', '--rm', `--network=${network}`, IMAGE, 'sh', '-c', script);

describe('options of the interface, as Podman 5 hands them over', () => {
  it('set what the network says, and before it what the container says', async () => {
    await create('--opt=promisc=true', '--opt=txqlen=77', '--opt=sysctl.net.core.somaxconn=512', 'tuned');
    const script = 'ip link show eth0; cat /sys/class/net/eth0/flags /proc/sys/net/core/somaxconn';
    // IFF_PROMISC is 0x100; busybox has no word for it.
    expect(await inside('tuned', script)).toMatch(/ mtu 1500 .* qlen 77[^]*\b0x1103\n512$/);
    const own = 'tuned:txqlen=5,mtu=1400,sysctl.net.core.somaxconn=600';
    expect(await inside(own, script)).toMatch(/ mtu 1400 .* qlen 5\b[^]*\b0x1103\n600$/);
    expect(await remainsOf(machine)).toEqual([]);
  });

  it('give the host end of one container a name, which a second one cannot have', async () => {
    await create('named');
    const run = ['run', '--detach', '--network=named:host_interface_name=web0'];
    await machine.succeed(...run, '--name=web', IMAGE, 'sleep', '600');
    const shown = JSON.parse(await machine.host.run(['ip', '-j', 'link', 'show', 'dev', 'web0']));
    expect(shown).toMatchObject([{ altnames: ['web0'], master: 'flatnet-br1' }]);
    const { exitCode, stderr } = await machine.podman(...run, '--name=other', IMAGE, 'sleep', '600');
    expect([exitCode, stderr]).toEqual([
      126,
      expect.stringMatching(/the host interface name "web0": container "web \(\w+\)" on network "named"/),
    ]);
    await machine.succeed('rm', '--force', '--time=0', 'web', 'other');
    expect(await remainsOf(machine)).toEqual([]);
  });

  it('leave an interface down and without an address', async () => {
    await create('--opt=disable-container-interface=true', 'raw');
    expect(JSON.parse(await machine.succeed('network', 'inspect', 'raw'))[0].subnets ?? []).toEqual([]);
    const shown = await inside('raw', 'ip addr show eth0');
    expect(shown).toContain('eth0@');
    expect(shown).not.toMatch(/[<,]UP[,>]|inet/);
    expect(await remainsOf(machine)).toEqual([]);
  });

  it('leave an unmanaged bridge as it is', async () => {
    const { host } = machine;
    await host.run(['ip', 'link', 'add', 'name', 'theirs', 'type', 'bridge']);
    await host.run(['ip', 'link', 'set', 'dev', 'theirs', 'mtu', '1450', 'up']);
    const before = await link(host, 'theirs');
    await create('--interface-name=theirs', '--opt=mode=unmanaged', '--subnet=10.98.1.0/24', 'lan');
    expect(await inside('lan', 'ip addr show eth0; ip route')).toMatch(
      / mtu 1450 [^]*inet 10\.98\.1\.2\/24[^]*default via 10\.98\.1\.1/,
    );
    const { address, mtu, addr_info: addresses } = await link(host, 'theirs');
    expect({ address, mtu }).toEqual({ address: before.address, mtu: 1450 });
    expect(addresses.filter(({ family }: any) => family === 'inet')).toEqual([]);
    await machine.succeed('network', 'rm', 'lan');
    expect(await link(host, 'theirs')).toMatchObject({ mtu: 1450 });
    await host.run(['ip', 'link', 'del', 'dev', 'theirs']);
  });
});
