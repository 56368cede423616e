import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Sandbox } from '../../conformance/host.ts';
import { ensureExecutable } from '../executable.ts';
import {
  type CallOptions,
  type Conf,
  createMachine,
  expectError,
  expectSuccess,
  type Machine,
} from '../faults/machine.ts';

/*
 * One container tries to get at what another has: by the ids and names it is given, by the result and the arguments
 * that are sent with its calls, and by what it does in its own sandbox.
 */

const VICTIM = 'abc';
const ADDRESS = '10.87.1.2';
const PORTS = [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }];
const NETWORK: Conf = { cniVersion: '1.0.0', name: 'flatnet', type: 'flatnet', ipMasq: true };

let machine: Machine;
let other: Sandbox;
let intact: readonly string[];

beforeAll(async () => {
  await ensureExecutable();
  machine = await createMachine();
  other = await machine.host.addSandbox();
  const conf = { ...NETWORK, runtimeConfig: { portMappings: PORTS } };
  expectSuccess(await machine.call('ADD', { conf, containerID: VICTIM, env: named('web') }));
  intact = await machine.state();
  expect(intact.join('\n')).toContain(ADDRESS);
});

afterAll(() => machine[Symbol.asyncDispose]());

const named = (name: string) => ({ CNI_ARGS: `IgnoreUnknown=1;K8S_POD_NAME=${name}` });

/** A call for the container that is up to something. */
const attack = (verb: string, options: CallOptions = {}) =>
  machine.call(verb, { conf: NETWORK, containerID: 'other', netns: other.path, ...options });

async function expectIntact(): Promise<void> {
  expect(await machine.state()).toEqual(intact);
}

async function attachOther(options: CallOptions = {}) {
  const answer = await attack('ADD', options);
  expectSuccess(answer);
  return answer.document as { readonly ips: readonly { readonly address: string }[] } & Conf;
}

describe('a container that was never attached', () => {
  test.each(['ab', 'abcd', 'ABC', 'abc.', 'eth0', 'web'])(
    'frees nothing of "abc" by the id %s',
    async (containerID) => {
      expectSuccess(await attack('DEL', { containerID, netns: null }));
      await expectIntact();
    },
  );

  test.each(['eth', 'eth00', 'Eth0', 'eth0~'])('frees nothing of eth0 by the name %s', async (ifname) => {
    expectSuccess(await attack('DEL', { containerID: VICTIM, ifname, netns: null }));
    await expectIntact();
  });

  test.each(['flatne', 'flatnet.', 'other'])(
    'frees nothing of network flatnet by the name %s',
    async (name) => {
      expectSuccess(await attack('DEL', { containerID: VICTIM, conf: { ...NETWORK, name }, netns: null }));
      await expectIntact();
    },
  );

  test('frees nothing of another by its result, its ports and its sandbox', async () => {
    const prevResult = {
      cniVersion: '1.0.0',
      interfaces: [{ name: 'eth0', sandbox: machine.sandbox.path }],
      ips: [{ address: `${ADDRESS}/24`, interface: 0 }],
    };
    const conf = { ...NETWORK, prevResult, runtimeConfig: { portMappings: PORTS, ips: [ADDRESS] } };
    expectSuccess(await attack('DEL', { conf, netns: machine.sandbox.path, env: named('web') }));
    await expectIntact();
  });
});

describe('a container that asks for what another has', () => {
  test.each([
    ['its address, in CNI_ARGS', { env: { CNI_ARGS: `IP=${ADDRESS}` } }, 102],
    ['its address, in runtimeConfig', { conf: { ...NETWORK, runtimeConfig: { ips: [ADDRESS] } } }, 102],
    ['its address, in args', { conf: { ...NETWORK, args: { cni: { ips: [ADDRESS] } } } }, 102],
    ['its port', { conf: { ...NETWORK, runtimeConfig: { portMappings: PORTS } } }, 105],
    ['its sandbox', { netns: '/run/netns/sandbox1' }, 101],
  ] satisfies [string, CallOptions, number][])('does not get %s', async (_what, options, code) => {
    expectError(await attack('ADD', options), code);
    await expectIntact();
  });

  test('does not get its address by its name while it runs', async () => {
    const { ips } = await attachOther({ env: named('web') });
    expect(ips.map(({ address }) => address)).not.toContain(`${ADDRESS}/24`);
    expectSuccess(await attack('DEL'));
    await expectIntact();
  });

  test('does not get what is reserved for another name', async () => {
    const reserved = { ...NETWORK, ipam: { reservations: { db: '10.87.1.9' } } };
    const asked = { ...reserved, runtimeConfig: { ips: ['10.87.1.9'] } };
    expectError(await attack('ADD', { conf: asked, env: named('shop') }), 102);
    await expectIntact();
  });
});

describe('a container that is attached', () => {
  test('fails CHECK with the result of another', async () => {
    await attachOther();
    const prevResult = {
      cniVersion: '1.0.0',
      interfaces: [{ name: 'eth0', sandbox: machine.sandbox.path }],
      ips: [{ address: `${ADDRESS}/24`, interface: 0 }],
    };
    const answer = await attack('CHECK', { conf: { ...NETWORK, prevResult } });
    expectError(answer, 101);
    expectSuccess(await attack('DEL'));
    await expectIntact();
  });

  test('harms nobody by what it does in its own sandbox', async () => {
    await attachOther();
    const script = `ip link set eth0 name eth9; ip link add eth0 type veth peer name fn0123456789abc; ip link set eth0 alias "flatnet/1;net=flatnet;id=${VICTIM};if=eth0;ip=${ADDRESS}/24;gw="; ip address add ${ADDRESS}/24 dev eth9; ip address add 10.87.1.1/24 dev eth9; nft add table inet flatnet`;
    await other.run(['sh', '-c', script]);
    expectSuccess(await attack('DEL'));
    expect(await machine.state()).toEqual(intact);
    await machine.host.run(['ip', 'netns', 'exec', other.name, 'ip', 'link', 'del', 'eth0']);
  });
});
