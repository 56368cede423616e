import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { setup, teardown } from '../fixtures/driver.ts';

let host: Host;

const ID = '168a89fe4aacc708e9d7d09848e17715d80fa8a3f29dced133f2ff4ad9822bab';

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
  mkdirSync(host.file('/etc/containers/networks'), { recursive: true });
  placeNetavark('netavark 1.14.0');
});
afterEach(() => host.dispose());

/** A netavark that says it is this one, and where Podman is told to find it. */
function placeNetavark(version: string): void {
  mkdirSync(host.file('/run/helpers'), { recursive: true });
  writeFileSync(host.file('/run/helpers/netavark'), `#!/bin/sh\necho ${version}\n`);
  chmodSync(host.file('/run/helpers/netavark'), 0o755);
  const conf =
    '[engine]\nhelper_binaries_dir = ["/run/helpers"]\n[network]\nnetwork_config_dir = "/run/networks"\n';
  writeFileSync(host.file('/run/containers.conf'), conf);
}

async function create(asked: Readonly<Record<string, unknown>>, env: Readonly<Record<string, string>> = {}) {
  const { exitCode, stdout, stderr } = await host.exec([EXECUTABLE, 'create'], {
    input: `${JSON.stringify({ name: 'lab', id: ID, driver: 'flatnet', created: '0001-01-01T00:00:00Z', ...asked })}\n`,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', CONTAINERS_CONF: '/run/containers.conf', ...env },
  });
  return { exitCode, stderr, json: JSON.parse(stdout) };
}

describe('create', () => {
  it('answers with the whole network, what is not its own unchanged, and makes nothing', async () => {
    const before = await host.snapshot();
    const asked = {
      labels: { a: 'b', empty: '' },
      ipv6_enabled: false,
      internal: false,
      dns_enabled: true,
      later: { x: 1 },
    };
    expect(await create(asked)).toEqual({
      exitCode: 0,
      stderr: '',
      json: {
        name: 'lab',
        id: ID,
        driver: 'flatnet',
        created: '0001-01-01T00:00:00Z',
        ...asked,
        subnets: [{ subnet: '10.87.2.0/24', gateway: '10.87.2.1' }],
        network_interface: 'flatnet-br1',
        ipam_options: { driver: 'flatnet' },
      },
    });
    expect(await host.snapshot()).toEqual(before);
  });

  it('leaves alone what routes, addresses, bridges and the files of networks have', async () => {
    await host.run(['ip', 'link', 'add', 'name', 'flatnet-br1', 'type', 'bridge']);
    await host.run(['ip', 'link', 'set', 'dev', 'flatnet-br1', 'up']);
    await host.run(['ip', 'route', 'add', '10.87.2.0/24', 'dev', 'flatnet-br1']);
    await host.run(['ip', 'address', 'add', '10.87.3.9/32', 'dev', 'lo']);
    const file = { name: 'four', network_interface: 'flatnet-br2', subnets: [{ subnet: '10.87.4.0/24' }] };
    writeFileSync(host.file('/etc/containers/networks/four.json'), JSON.stringify(file));
    mkdirSync(host.file('/run/networks'));
    const own = { name: 'five', network_interface: 'flatnet-br3', subnets: [{ subnet: '10.87.5.0/24' }] };
    writeFileSync(host.file('/run/networks/five.json'), JSON.stringify(own));
    mkdirSync(host.file('/etc/cni/net.d'), { recursive: true });
    const plugins = [
      { type: 'bridge', bridge: 'flatnet-br4', ipam: { ranges: [[{ subnet: '10.87.6.0/24' }]] } },
    ];
    writeFileSync(host.file('/etc/cni/net.d/six.conflist'), JSON.stringify({ name: 'six', plugins }));
    expect((await create({})).json).toMatchObject({
      subnets: [{ subnet: '10.87.7.0/24' }],
      network_interface: 'flatnet-br5',
    });
  });

  it.each([
    [{ subnets: [{ subnet: '10.88.3.0/24' }] }, "overlaps 10.88.0.0/16, Podman's default network"],
    [
      { subnets: [{ subnet: '10.55.0.0/16' }] },
      'overlaps 10.55.7.0/24, a route of the host through "flatnet-test"',
    ],
    [{ network_interface: 'lo' }, 'bridge "lo" is a link of another kind'],
    [{ name: '../../etc' }, 'Invalid "name"'],
    [{ options: { mut: '1500' } }, 'did you mean "mtu"?'],
    [{ options: 'all' }, 'Invalid "options"'],
    [{ subnets: [{ subnet: '10.55.0.0' }] }, 'a CIDR such as'],
  ])('refuses %j', async (asked, said) => {
    await host.run(['ip', 'link', 'add', 'name', 'flatnet-test', 'type', 'bridge']);
    await host.run(['ip', 'address', 'add', '10.55.7.1/24', 'dev', 'flatnet-test']);
    await host.run(['ip', 'link', 'set', 'dev', 'flatnet-test', 'up']);
    const { exitCode, stderr, json } = await create(asked);
    expect([exitCode, stderr]).toEqual([1, '']);
    expect(json.error).toContain(said);
  });

  it('refuses a netavark that knows no drivers, for every run would fail then', async () => {
    placeNetavark('netavark 1.4.0');
    expect((await create({})).json.error).toMatch(
      /netavark is netavark 1\.4\.0, which knows no drivers.*flatnet install/,
    );
  });

  it('takes the bridge of a network that was removed, and no bridge that a container is on', async () => {
    const box = await host.addSandbox();
    const first = (await create({})).json;
    await setup(host, box, { network: first });
    expect((await create({ name: 'next' })).json).toMatchObject({ network_interface: 'flatnet-br2' });
    await teardown(host, box, { network: first });
    expect((await create({ name: 'next' })).json).toMatchObject({
      network_interface: 'flatnet-br1',
      subnets: [{ subnet: '10.87.2.0/24' }],
    });
  });

  it('makes what setup can use: both families, a route and no name server', async () => {
    const asked = { ipv6_enabled: true, routes: [{ destination: '10.99.0.0/16', gateway: '10.87.2.9' }] };
    const { json } = await create(asked);
    const { subnets } = await setup(host, await host.addSandbox(), { network: json });
    expect(subnets).toMatchObject([{ ipnet: '10.87.2.2/24' }, { ipnet: 'fd16:8a89:fe4a:acc7::2/64' }]);
  });
});
