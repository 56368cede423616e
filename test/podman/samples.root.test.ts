import { readdirSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ExecResult, PLAIN_ENVIRONMENT } from '../../conformance/exec.ts';
import { createHost, type Host } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { isLacking } from '../profiles/lacking.ts';
import { whenAbsent } from './machine.ts';

/*
 * What Podman 4.3.1 really sent to a plugin, call by call, in 94 situations. Only what it sent is replayed: the plugin
 * that was called then was a stand-in, which in some of them failed on purpose.
 */
const SAMPLES = join(import.meta.dirname, '../fixtures/samples/podman-4.3.1');

interface Conf {
  readonly cniVersion: string;
  readonly name: string;
  readonly type: string;
  readonly ipam: {
    readonly type: string;
    readonly ranges: readonly (readonly { readonly subnet: string; readonly gateway: string }[])[];
  };
  readonly runtimeConfig?: {
    readonly ips?: readonly string[];
    readonly portMappings?: readonly { readonly hostIP?: string; readonly protocol?: string }[];
  };
  readonly prevResult?: unknown;
}

type Parameter = 'CNI_COMMAND' | 'CNI_CONTAINERID' | 'CNI_NETNS' | 'CNI_IFNAME' | 'CNI_ARGS' | 'CNI_PATH';

interface Call {
  readonly env: Readonly<Record<Parameter, string>>;
  readonly stdin: Conf;
}

/** The answer to an ADD, as far as Podman reads it. */
interface Result {
  readonly ips: readonly { readonly address: string }[];
}

let host: Host;
/** What flatnet answered for the attachments that are there, by network, container and interface. */
let attached: Map<string, { readonly call: Call; readonly result: Result }>;

beforeAll(ensureExecutable);
beforeEach(async () => {
  host = await createHost();
  attached = new Map();
});
afterEach(() => host.dispose());

const keyOf = ({ env, stdin }: Call): string => `${stdin.name} ${env.CNI_CONTAINERID} ${env.CNI_IFNAME}`;

/** A value that Podman passed in CNI_ARGS. */
function argument({ env }: Call, name: string): string | undefined {
  const pair = env.CNI_ARGS.split(';').find((text) => text.startsWith(`${name}=`));
  return pair?.slice(name.length + 1);
}

function invoke({ env, stdin }: Call): Promise<ExecResult> {
  return host.exec([EXECUTABLE], { env: { ...PLAIN_ENVIRONMENT, ...env }, input: JSON.stringify(stdin) });
}

async function ensureSandbox({ env }: Call): Promise<void> {
  const name = basename(env.CNI_NETNS);
  if (!(await readdir(host.file('/run/netns'))).includes(name)) await host.addSandbox(name);
}

/** Addresses that were asked for, one way or the other. */
function requested(call: Call): readonly string[] {
  const address = argument(call, 'IP');
  return [...(address === undefined ? [] : [address]), ...(call.stdin.runtimeConfig?.ips ?? [])];
}

const ports = ({ stdin }: Call) => stdin.runtimeConfig?.portMappings ?? [];

/** The networks of the samples have one IPv4 range: two addresses, or one of IPv6, are more than they can give. */
function isImpossible(call: Call): boolean {
  return requested(call).length > 1 || requested(call).some((address) => address.includes(':'));
}

/** More than the kernel of this run can do. */
function asksTooMuch(call: Call): boolean {
  return isLacking('sctp') && ports(call).some(({ protocol }) => protocol === 'sctp');
}

/** A port of a host address that the container cannot be reached through, known before there is an address. */
function isInvalid(call: Call): boolean {
  return call.stdin.ipam.type === 'flatnet' && ports(call).some(({ hostIP = '' }) => hostIP.includes(':'));
}

/** host-local does not take a container back whose DEL never came. With its own addresses flatnet does. */
function isRefusedWithHostLocal(call: Call): boolean {
  return call.stdin.ipam.type === 'host-local' && attached.has(keyOf(call));
}

function checkResult(call: Call, result: Result): void {
  const { cniVersion, ipam } = call.stdin;
  const [range] = ipam.ranges[0] ?? [];
  const [address] = requested(call);
  const family = cniVersion.startsWith('0.') ? { version: '4' } : {};
  expect(result).toEqual({
    cniVersion,
    interfaces: [
      { name: expect.any(String), mac: expect.any(String) },
      { name: expect.any(String), mac: expect.any(String) },
      {
        name: call.env.CNI_IFNAME,
        mac: argument(call, 'MAC') ?? expect.stringMatching(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/),
        sandbox: call.env.CNI_NETNS,
      },
    ],
    ips: [{ ...family, interface: 2, address: expect.any(String), gateway: range?.gateway }],
    routes: [{ dst: '0.0.0.0/0', gw: range?.gateway }],
  });
  const prefix = range?.subnet.replace(/0\/24$/, '');
  expect(result.ips[0]?.address).toMatch(new RegExp(`^${prefix}\\d+/24$`));
  if (address !== undefined) expect(result.ips[0]?.address).toBe(`${address}/24`);
}

async function add(call: Call): Promise<void> {
  await ensureSandbox(call);
  const { exitCode, stdout } = await invoke(call);
  const answer = JSON.parse(stdout);
  if (asksTooMuch(call) || isImpossible(call) || isInvalid(call) || isRefusedWithHostLocal(call)) {
    expect({ exitCode, ...answer }).toMatchObject({
      exitCode: 1,
      code: expect.any(Number),
      msg: expect.any(String),
    });
    return;
  }
  expect(exitCode, stdout).toBe(0);
  checkResult(call, answer);
  attached.set(keyOf(call), { call, result: answer });
}

async function del(call: Call): Promise<void> {
  // Podman hands back what the plugin answered, where it still knows.
  const { prevResult, ...conf } = call.stdin;
  const result = prevResult === undefined ? undefined : attached.get(keyOf(call))?.result;
  const stdin = result === undefined ? conf : { ...conf, prevResult: result };
  const { exitCode, stdout } = await invoke({ ...call, stdin });
  if (!isInvalid(call)) expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
  attached.delete(keyOf(call));
}

async function expectNothingLeft(): Promise<void> {
  // These sets hold what the containers of a network share, and what is known of the host; the maps, their ports.
  const shared = /^nft element of flatnet (loopback|hairpin[46]|local[46]|broadcast4) |publishers "lo"/;
  const remains = (await host.snapshot()).filter(
    (line) => / veth |^nft element of flatnet /.test(line) && !shared.test(line),
  );
  expect(remains).toEqual([]);
  const own = await host.exec(['cat', '/var/lib/flatnet/ipam/allocations.json']);
  expect(own.exitCode === 0 ? JSON.parse(own.stdout).allocations : {}).toEqual({});
  const directory = host.file('/var/lib/cni/networks');
  const foreign = (await readdir(directory, { recursive: true }).catch(whenAbsent)) ?? [];
  expect(foreign.filter((file) => /\/\d+\.\d+\.\d+\.\d+$/.test(file))).toEqual([]);
}

const scenarios = readdirSync(SAMPLES).map((file) => basename(file, '.json'));

describe.each(['host-local', 'flatnet'])('with addresses from %s, flatnet answers', (type) => {
  it.each(scenarios)('what Podman 4.3.1 sent: %s', async (scenario) => {
    const { calls } = JSON.parse(readFileSync(join(SAMPLES, `${scenario}.json`), 'utf8'));
    const ours: Call[] = calls.filter(({ stdin }: Call) => stdin.type.startsWith('flatnet'));
    for (const { env, stdin } of ours) {
      const call = { env, stdin: { ...stdin, ipam: { ...stdin.ipam, type } } };
      await (env.CNI_COMMAND === 'ADD' ? add(call) : del(call));
      const addresses = [...attached.values()].flatMap(({ result }) =>
        result.ips.map(({ address }) => address),
      );
      expect(new Set(addresses).size).toBe(attached.size);
    }
    // Some containers were never stopped, and some stopped without a word to the plugin.
    for (const { call } of [...attached.values()]) {
      await del({ ...call, env: { ...call.env, CNI_COMMAND: 'DEL' } });
    }
    await expectNothingLeft();
  });
});
