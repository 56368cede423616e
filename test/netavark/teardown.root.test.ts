import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable } from '../executable.ts';
import { drive, requestOf, setup, teardown } from '../fixtures/driver.ts';
import { allocated, pairs } from '../fixtures/plugin.ts';

let host: Host;
let box: Sandbox;

const PORTS = [{ container_port: 80, host_port: 8080 }];

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
  box = await host.addSandbox();
});
afterEach(() => host.dispose());

async function expectNothing(): Promise<void> {
  expect(await pairs(host)).toEqual([]);
  expect(await allocated(host)).toEqual([]);
  expect((await host.exec(['nft', 'list', 'ruleset'])).stdout).not.toContain('8080');
}

it('removes an attachment, and takes absent for success', async () => {
  await teardown(host, box);
  await setup(host, box, { ports: PORTS });
  await teardown(host, box, { ports: PORTS });
  await expectNothing();
  await teardown(host, box, { ports: PORTS });
  await expectNothing();
});

it('needs no namespace', async () => {
  await setup(host, box, { ports: PORTS });
  await teardown(host, box, { netns: '/run/netns/none' });
  await expectNothing();
});

it('removes what a namespace has left that is gone', async () => {
  await setup(host, box, { ports: PORTS });
  await box.remove();
  await teardown(host, box);
  await expectNothing();
});

it('finds the attachment of a network that was changed since, or made unusable', async () => {
  await setup(host, box, { ports: PORTS });
  const network = {
    network_interface: 'other',
    subnets: null,
    options: { vlan: '7' },
    ipam_options: { driver: 'none' },
  };
  await teardown(host, box, { network });
  await expectNothing();
});

it('removes pair and rules where the data directory has become unusable', async () => {
  await setup(host, box, { ports: PORTS });
  await teardown(host, box, { network: { options: { 'data-dir': 'relative' } } });
  await expectNothing();
});

it('leaves the other network of a container, and the other containers of the network', async () => {
  const two = { name: 'two', network_interface: 'flatnet-br2', subnets: [{ subnet: '10.87.3.0/24' }] };
  const other = await host.addSandbox();
  await setup(host, box);
  await setup(host, box, { network: two, ifname: 'eth1' });
  await setup(host, other, { containerID: 'box2' });
  await teardown(host, box);
  expect([...(await allocated(host))].sort()).toEqual(['lab/10.87.2.3', 'two/10.87.3.2']);
  expect(await pairs(host)).toHaveLength(2);
});

it('fails for a request without names, with one line', async () => {
  const { exitCode, json } = await drive(host, ['teardown', box.path], { network: { name: 'lab' } });
  expect([exitCode, Object.keys(json)]).toEqual([1, ['error']]);
});

it('releases the address although the state cannot be matched with the request it had', async () => {
  await setup(host, box, { ips: ['10.87.2.9'] });
  const request = requestOf({ ips: ['10.87.2.44'] });
  expect(await drive(host, ['teardown', box.path], request)).toMatchObject({ exitCode: 0, stdout: '' });
  await expectNothing();
});
