import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { FILES_OF_OTHERS, type List } from '../fixtures/network-files.ts';
import {
  addOutside,
  ask,
  HOST_ADDRESS,
  OUTSIDE_ADDRESS,
  OUTSIDE_ADDRESS_V6,
  reaches,
  serve,
} from '../fixtures/traffic.ts';

/*
 * Network files as others write them, only the type `bridge` (or `ptp`) changed: Podman's own, of every form of
 * `podman network create`, and those of CRI-O, containerd, nerdctl and kind. With the rest of the list, or without.
 */

const PODMAN = join(import.meta.dirname, '../fixtures/podman-networks');
const LISTS: readonly List[] = [
  ...readdirSync(PODMAN).map((file) => JSON.parse(readFileSync(join(PODMAN, file), 'utf8')) as List),
  ...FILES_OF_OTHERS,
];
const PORT = { hostPort: 8080, containerPort: 80, protocol: 'tcp' };

let host: Host;
let outside: Sandbox;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
  outside = await addOutside(host);
});
afterEach(() => host.dispose());

interface Container {
  readonly id: string;
  readonly ifname?: string;
  readonly sandbox: Sandbox;
  readonly ports?: readonly object[];
  /** Leave the other plugins of the list out; flatnet publishes the ports then. */
  readonly alone?: boolean;
}

/** Calls the plugins of a list as libcni does: each ADD gets the result of the one before, all others the last. */
async function callAll(verb: string, list: List, container: Container, before?: unknown): Promise<any> {
  const { id, ifname = 'eth0', sandbox, ports = [], alone = false } = container;
  const [first, ...rest] = list.plugins;
  let result = before;
  for (const plugin of alone ? [first!] : [first!, ...rest]) {
    const isFirst = plugin === first;
    const publishes = isFirst ? alone : plugin.capabilities?.['portMappings'] === true;
    const conf = {
      ...plugin,
      ...(isFirst ? { type: 'flatnet' } : {}),
      name: list.name,
      cniVersion: list.cniVersion,
      ...(publishes ? { runtimeConfig: { portMappings: ports } } : {}),
      ...(result === undefined ? {} : { prevResult: result }),
    };
    const { exitCode, stdout } = await host.exec([isFirst ? EXECUTABLE : `/usr/lib/cni/${plugin.type}`], {
      input: JSON.stringify(conf),
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        CNI_COMMAND: verb,
        CNI_CONTAINERID: id,
        CNI_IFNAME: ifname,
        CNI_NETNS: sandbox.path,
        CNI_PATH: '/usr/lib/cni',
      },
    });
    expect([plugin.type, exitCode, exitCode === 0 ? '' : stdout]).toEqual([plugin.type, 0, '']);
    if (verb === 'ADD') result = JSON.parse(stdout);
  }
  return result;
}

const addressesOf = ({ ips }: any): readonly string[] =>
  ips.map(({ address }: { address: string }) => address.split('/')[0]);

function outsideOf(addresses: readonly string[]): readonly string[] {
  return [...new Set(addresses.map((one) => (one.includes(':') ? OUTSIDE_ADDRESS_V6 : OUTSIDE_ADDRESS)))];
}

const eachOf = async (place: Sandbox, targets: readonly string[]) =>
  Promise.all(targets.map((one) => reaches(place, one)));

describe.each(LISTS)('the file of $name', (list) => {
  // Internal networks, and those that leave masquerade to others, have no way out of their own.
  const leaves = list.plugins[0]?.['ipMasq'] === true;

  it.each([true, false])('works with packets (flatnet alone: %s)', async (alone) => {
    const [a, b] = [await host.addSandbox('a'), await host.addSandbox('b')];
    const [one, two] = [
      { id: 'a', sandbox: a, ports: [PORT], alone },
      { id: 'b', sandbox: b, alone },
    ];
    const result = await callAll('ADD', list, one);
    const others = addressesOf(await callAll('ADD', list, two));
    expect(await eachOf(a, others)).toEqual(others.map(() => true));
    const targets = outsideOf(others);
    expect(await eachOf(a, targets)).toEqual(targets.map(() => leaves));
    if (targets.includes(OUTSIDE_ADDRESS) && leaves) {
      await serve(a, { port: 80, answer: 'hello' });
      await expect.poll(() => ask(outside, HOST_ADDRESS, 8080), { timeout: 20_000 }).toBe('hello');
    }
    // 0.3.1 has no CHECK.
    if (alone && list.cniVersion !== '0.3.1') await callAll('CHECK', list, one, result);
    for (const container of [one, two]) await callAll('DEL', list, container, result);
    expect(await host.run(['ip', '-o', 'link', 'show', 'type', 'veth'])).not.toContain(': fn');
  });
});

it('two of these networks serve one container, connected and disconnected in turn', async () => {
  const [first, second] = ['plain', 'dual'].map((name) => LISTS.find((list) => list.name === name)!);
  const sandbox = await host.addSandbox('both');
  const one = { id: 'both', sandbox, alone: true };
  const two = { ...one, ifname: 'eth1' };
  const result = await callAll('ADD', first!, one);
  await callAll('ADD', second!, two);
  expect(await eachOf(sandbox, [OUTSIDE_ADDRESS, OUTSIDE_ADDRESS_V6])).toEqual([true, true]);
  await callAll('DEL', first!, one, result);
  expect(await eachOf(sandbox, [OUTSIDE_ADDRESS, OUTSIDE_ADDRESS_V6])).toEqual([true, true]);
  await callAll('ADD', first!, one);
  expect(await eachOf(sandbox, [OUTSIDE_ADDRESS, OUTSIDE_ADDRESS_V6])).toEqual([true, true]);
});
