import { readdirSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host } from '../../conformance/host.ts';
import { ensureExecutable } from '../executable.ts';
import { drive } from '../fixtures/driver.ts';
import { allocated, pairs } from '../fixtures/plugin.ts';
import { isLacking } from '../profiles/lacking.ts';

/*
 * What Podman 5.4.2 and netavark 1.14 really sent to a driver, call by call. Only what they sent is replayed: the driver
 * that was called then was a stand-in with options of its own, which in some situations failed on purpose.
 */
const SAMPLES = join(import.meta.dirname, '../fixtures/samples/podman-5.4.2');

interface Request {
  readonly container_id: string;
  readonly port_mappings: readonly { readonly host_ip: string; readonly protocol: string }[] | null;
  readonly network: {
    readonly name: string;
    readonly subnets: readonly { readonly subnet: string; readonly gateway: string }[] | null;
  };
  readonly network_options: {
    readonly interface_name: string;
    readonly static_ips: readonly string[] | null;
    readonly static_mac: string | null;
    readonly options: Readonly<Record<string, string>> | null;
  };
}

interface Call {
  readonly argv: readonly string[];
  readonly stdin: Request;
}

let host: Host;
/** The calls whose containers are attached, by network, container and interface, and what they were answered. */
let attached: Map<string, { readonly call: Call; readonly addresses: readonly string[] }>;

beforeAll(ensureExecutable);
beforeEach(async () => {
  host = await createHost();
  attached = new Map();
});
afterEach(() => host.dispose());

const keyOf = ({ stdin: { network, container_id: id, network_options: asked } }: Call): string =>
  `${network.name} ${id} ${asked.interface_name}`;
const asked = ({ stdin }: Call): readonly string[] => stdin.network_options.static_ips ?? [];
const ports = ({ stdin }: Call) => stdin.port_mappings ?? [];

/** What flatnet refuses, or the kernel of this run cannot do. */
function isRefused(call: Call, driver: string | null): boolean {
  const { network, network_options: options } = call.stdin;
  const subnets = network.subnets ?? [];
  const isFourOnly = subnets.every(({ subnet }) => !subnet.includes(':'));
  return (
    subnets.length === 0 ||
    options.options !== null ||
    (asked(call).length === 0 && driver === null) ||
    asked(call).some((address) => (isFourOnly && address.includes(':')) || address.startsWith('10.200.')) ||
    (isFourOnly && ports(call).some(({ host_ip: hostIP }) => hostIP.includes(':'))) ||
    (isLacking('sctp') && ports(call).some(({ protocol }) => protocol === 'sctp'))
  );
}

async function setup(call: Call, driver: string | null): Promise<void> {
  const { argv, stdin } = call;
  const name = basename(argv[2] ?? '');
  if (!(await readdir(host.file('/run/netns'))).includes(name)) await host.addSandbox(name);
  const { exitCode, stdout, stderr, json } = await drive(host, argv.slice(1), stdin);
  if (isRefused(call, driver)) {
    expect({ exitCode, stderr, json }).toEqual({
      exitCode: 1,
      stderr: '',
      json: { error: expect.any(String) },
    });
    return;
  }
  expect([exitCode, stderr], stdout).toEqual([0, '']);
  const { interface_name: ifname, static_mac: mac } = stdin.network_options;
  const { [ifname]: status, ...others } = json.interfaces;
  // Names are Podman's default; this container has no bridge of its own to ask at where it got no gateway.
  const withNames = ['interfaces', 'dns_server_ips', 'dns_search_domains'];
  expect(others).toEqual({});
  expect([['interfaces'], withNames]).toContainEqual(Object.keys(json));
  expect(status.mac_address).toBe(mac ?? status.mac_address);
  const addresses: string[] = status.subnets.map(({ ipnet }: { ipnet: string }) => ipnet.split('/')[0]);
  expect(addresses).toEqual(expect.arrayContaining([...asked(call)]));
  const gateways = stdin.network.subnets?.map(({ gateway }) => gateway);
  for (const { gateway } of status.subnets) expect(gateways).toContain(gateway);
  attached.set(keyOf(call), { call, addresses: addresses.map((one) => `${stdin.network.name}/${one}`) });
}

async function teardown(call: Call): Promise<void> {
  const { exitCode, stdout, stderr } = await drive(host, call.argv.slice(1), call.stdin);
  expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  attached.delete(keyOf(call));
}

const scenarios = readdirSync(SAMPLES)
  .filter((file) => !file.startsWith('create-'))
  .map((file) => basename(file, '.json'));

describe.each([
  ['flatnet', 'flatnet'],
  ['Podman', null],
])('with addresses chosen by %s, flatnet answers', (_who, driver) => {
  it.each(scenarios)('what Podman 5.4.2 sent: %s', async (scenario) => {
    const { calls } = JSON.parse(readFileSync(join(SAMPLES, `${scenario}.json`), 'utf8'));
    for (const { argv, stdin } of calls as readonly Call[]) {
      if (argv[1] === 'create') continue;
      const ipam = driver === null ? null : { driver };
      const call = {
        argv,
        stdin: { ...stdin, network: { ...stdin.network, options: null, ipam_options: ipam } },
      };
      await (argv[1] === 'setup' ? setup(call, driver) : teardown(call));
      const held = [...attached.values()].flatMap(({ addresses }) => addresses);
      expect([...(await allocated(host))].sort()).toEqual(held.sort());
    }
    // Some containers were never stopped, and some stopped without a word to the driver.
    for (const { call } of [...attached.values()]) {
      await teardown({ ...call, argv: [call.argv[0] ?? '', 'teardown', call.argv[2] ?? ''] });
    }
    expect([await pairs(host), await allocated(host)]).toEqual([[], []]);
    const rules = (await host.exec(['nft', 'list', 'ruleset'])).stdout;
    expect(rules.split('\n').filter((line) => /comment "fn[0-9a-z]{13}/.test(line))).toEqual([]);
  });
});
