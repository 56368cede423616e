import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newTrace } from '../../src/attachment/context.ts';
import { FlatnetError } from '../../src/input/error.ts';
import { parseObject } from '../../src/input/parse.ts';
import { UNBOUNDED } from '../../src/sys/context.ts';
import { parseForTeardown, parseRequest } from '../../src/netavark/request.ts';

/* What Podman 5.4.2 and netavark 1.14 really sent to a driver, which was a stand-in with options of its own. */
const SAMPLES = join(import.meta.dirname, '../fixtures/samples/podman-5.4.2');

interface Sample {
  readonly calls: readonly { readonly argv: readonly string[]; readonly stdin: any }[];
}

const context = () => ({ ...UNBOUNDED, trace: newTrace() });
const withoutOptions = (stdin: any) => ({ ...stdin, network: { ...stdin.network, options: null } });

/** Every recorded call of that name, of all situations. */
function recorded(command: string): [string, any, string][] {
  return readdirSync(SAMPLES).flatMap((file) => {
    const { calls } = JSON.parse(readFileSync(join(SAMPLES, file), 'utf8')) as Sample;
    return calls
      .filter(({ argv }) => argv[1] === command)
      .map(({ argv, stdin }, index): [string, any, string] => [`${file} ${index}`, stdin, argv[2] ?? '']);
  });
}

/** Situations that flatnet refuses, each with its reason. */
const REFUSED: Readonly<Record<string, string>> = {
  'ipam-none': 'which Podman chooses',
  'no-subnets': 'it has no subnet',
  'network-opts': 'Unknown option|Cannot set option|Cannot do option',
  'publish-many': 'the container gets no other',
};

describe('parseRequest()', () => {
  it.each(recorded('setup'))('reads what Podman sent: %s', (name, stdin, netns) => {
    const read = () =>
      parseRequest(parseObject(JSON.stringify(withoutOptions(stdin)), 'it'), netns, context());
    const situation = name.replace(/\.json.*/, '');
    const reason = REFUSED[situation];
    let said = '';
    try {
      const { spec, network, attachment } = read().job;
      const { container_id: containerID, network_options: asked } = stdin;
      expect(attachment).toEqual({ network: stdin.network.name, containerID, ifname: asked.interface_name });
      expect(spec).toMatchObject({
        netns,
        containerName: stdin.container_name,
        mac: asked.static_mac ?? undefined,
      });
      expect(spec.requestedIPs).toEqual(asked.static_ips ?? []);
      expect(spec.aliases).toEqual(asked.aliases);
      expect(network.bridge).toBe(stdin.network.network_interface);
      const ports = (stdin.port_mappings ?? []).reduce(
        (sum: number, { range }: { range: number }) => sum + range,
        0,
      );
      expect(spec.portMappings).toHaveLength(ports);
    } catch (error) {
      if (!(error instanceof FlatnetError)) throw error;
      said = `${error.message}: ${error.details ?? ''}`;
    }
    // Not every call of a situation has what is refused.
    if (said !== '') expect(said).toMatch(new RegExp(reason ?? 'nothing'));
  });

  it('lets flatnet choose where the network says so', () => {
    const [, stdin, netns] = recorded('setup').find(([name]) => name.startsWith('plugin-sets-ipam-driver'))!;
    const own = {
      ...withoutOptions(stdin),
      network: { ...stdin.network, options: null, ipam_options: { driver: 'flatnet' } },
    };
    const { job } = parseRequest(parseObject(JSON.stringify(own), 'it'), netns, context());
    expect([job.network.ipam.from, job.spec.requestedIPs]).toEqual(['pool', []]);
  });

  const GOOD = {
    container_id: 'c0ffee',
    container_name: 'web',
    network: {
      name: 'lab',
      network_interface: 'lab0',
      subnets: [{ subnet: '10.87.2.0/24' }],
      ipam_options: { driver: 'flatnet' },
    },
    network_options: { interface_name: 'eth0' },
  };
  const port = { container_port: 80, host_port: 8080, protocol: 'tcp', range: 1 };

  function refusal(change: any): string {
    try {
      parseRequest(parseObject(JSON.stringify({ ...GOOD, ...change }), 'it'), '/x', context());
    } catch (error) {
      if (error instanceof FlatnetError) return `${error.message}: ${error.details ?? ''}`;
      throw error;
    }
    return 'nothing';
  }

  it.each([
    [{ container_id: null }, 'Invalid "container_id"'],
    [{ container_id: 'a b' }, 'Invalid "container_id"'],
    [{ container_id: 'x'.repeat(193) }, 'at most 192 characters'],
    [{ network: null }, 'Invalid "network"'],
    [
      { network: { ...GOOD.network, subnets: 'all' } },
      'Invalid "network.subnets" in the request of netavark: "all": expected a list',
    ],
    [{ network: { ...GOOD.network, options: { mtu: 1500 } } }, 'Invalid "network.options.mtu"'],
    [{ network_options: null }, 'Invalid "network_options"'],
    [{ network_options: {} }, 'Invalid "network_options.interface_name"'],
    [{ network_options: { interface_name: 'eth0/../x' } }, 'Invalid "network_options.interface_name"'],
    [{ network_options: { interface_name: 'eth0', static_mac: 'ff:ff:ff:ff:ff:ff' } }, 'a unicast MAC'],
    [{ network_options: { interface_name: 'eth0', static_mac: 'x' } }, 'a MAC such as'],
    [{ network_options: { interface_name: 'eth0', static_ips: ['10.87.2'] } }, 'IP addresses'],
    [{ network_options: { interface_name: 'eth0', options: { coffee: 'x' } } }, 'Unknown option "coffee"'],
    [{ port_mappings: [{ ...port, host_port: 0 }] }, 'a port from 1 to 65535'],
    [{ port_mappings: [{ ...port, host_port: 65_530, range: 10 }] }, 'port_mappings[0].range'],
    [{ port_mappings: [{ ...port, protocol: 'icmp' }] }, '"tcp", "udp" or "sctp"'],
    [{ port_mappings: [{ ...port, host_ip: 'localhost' }] }, 'an IP address of the host'],
    [{ port_mappings: [port, port] }, 'port_mappings[0] does not name already'],
  ])('refuses %j', (change, said) => {
    expect(refusal(change)).toContain(said);
  });

  it('takes a range, and two protocols at once, as single ports', () => {
    const mappings = [{ ...port, host_ip: '127.0.0.1', protocol: 'tcp,udp', range: 2 }];
    const { job } = parseRequest(
      parseObject(JSON.stringify({ ...GOOD, port_mappings: mappings }), 'it'),
      '/x',
      context(),
    );
    expect(
      job.spec.portMappings.map(
        ({ hostPort, containerPort, protocol, hostIP }) =>
          `${hostIP}:${hostPort}->${containerPort}/${protocol}`,
      ),
    ).toEqual([
      '127.0.0.1:8080->80/tcp',
      '127.0.0.1:8081->81/tcp',
      '127.0.0.1:8080->80/udp',
      '127.0.0.1:8081->81/udp',
    ]);
  });

  it('leaves out aliases that are no names, and more than anybody has', () => {
    const aliases = [
      'db',
      'a b',
      '$(x)',
      '-x',
      'db',
      ...Array.from({ length: 100 }, (_, index) => `n${index}`),
    ];
    const change = { ...GOOD, network_options: { interface_name: 'eth0', aliases } };
    const { spec } = parseRequest(parseObject(JSON.stringify(change), 'it'), '/x', context()).job;
    expect(spec.aliases).toHaveLength(64);
    expect(spec.aliases?.slice(0, 3)).toEqual(['db', 'n0', 'n1']);
  });
});

describe('parseForTeardown()', () => {
  it.each(recorded('teardown'))(
    'reads what Podman sent, options of others too: %s',
    (_name, stdin, netns) => {
      const ctx = context();
      const { job } = parseForTeardown(parseObject(JSON.stringify(stdin), 'it'), netns, ctx);
      const { container_id: containerID, network_options: asked } = stdin;
      expect(job.attachment).toEqual({
        network: stdin.network.name,
        containerID,
        ifname: asked.interface_name,
      });
      expect(job.spec.containerName).toBe(stdin.container_name);
    },
  );

  it.each(['data-dir', 'data_dir', 'dataDir'])(
    'finds the "%s" of a network that was made unusable, and says in the log what is wrong with it',
    (name) => {
      const ctx = context();
      const network = { name: 'lab', subnets: [], options: { [name]: '/srv/ipam', vlan: '5' } };
      const request = { container_id: 'c0ffee', network, network_options: { interface_name: 'eth0' } };
      const { job } = parseForTeardown(parseObject(JSON.stringify(request), 'it'), '', ctx);
      expect(job.network.ipam).toMatchObject({ from: 'pool', dataDir: '/srv/ipam' });
      expect(ctx.trace.warnings).toEqual([expect.stringContaining('"vlan"')]);
    },
  );

  it.each([{ 'data-dir': '../x' }, { 'data-dir': 7 }, 'all', null])(
    'takes the usual data directory where the options are %j',
    (options) => {
      const network = { name: 'lab', network_interface: 'lab0', subnets: [{ subnet: '1' }], options };
      const request = { container_id: 'c0ffee', network, network_options: { interface_name: 'eth0' } };
      const { job } = parseForTeardown(request, '', context());
      expect(job.network.ipam).toMatchObject({ from: 'pool', dataDir: undefined });
    },
  );

  it('needs the names', () => {
    expect(() => parseForTeardown({ network: { name: 'lab' } }, '', context())).toThrow('container_id');
  });
});
