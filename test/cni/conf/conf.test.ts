import { describe, expect, it } from 'vitest';
import type { CniArgs } from '../../../src/cni/args.ts';
import { parseForRemoval, parseNetConf } from '../../../src/cni/conf/conf.ts';
import { parseEnvelope } from '../../../src/cni/conf/envelope.ts';
import type { NetConf } from '../../../src/cni/types.ts';

const ARGS: CniArgs = { containerID: 'box', ifname: 'eth0', netns: '/x', args: {}, path: [], env: {} };

/** All that was read, on one level; functions compare by identity. */
function flat({ network, attachment, ...rest }: NetConf) {
  return { ...network, ...attachment, admit: undefined, ...rest };
}

function conf(fields: object, args: Record<string, string> = {}) {
  const stdin = JSON.stringify({ cniVersion: '1.0.0', name: 'net1', type: 'flatnet', ...fields });
  return flat(parseNetConf(parseEnvelope(stdin), { ...ARGS, args }));
}

describe('parseEnvelope()', () => {
  it.each(['', '{', '[]', '"x"', 'null', '{"name":"a"} {"name":"b"}'])('refuses %j as malformed', (stdin) => {
    expect(() => parseEnvelope(stdin)).toThrow(expect.objectContaining({ kind: 'malformed' }));
  });

  it('says where broken JSON breaks', () => {
    expect(() => parseEnvelope('{"name": nope}')).toThrow(
      expect.objectContaining({ details: expect.stringContaining('nope') }),
    );
  });

  it.each([{}, { name: '' }, { name: 7 }, { name: '../x' }, { name: 'a b' }, { name: 'x'.repeat(101) }])(
    'refuses the name of %j as invalid',
    (fields) => {
      expect(() => parseEnvelope(JSON.stringify(fields))).toThrow(
        expect.objectContaining({ kind: 'invalid' }),
      );
    },
  );

  it('checks the name before the version, as the reference skeleton does', () => {
    expect(() => parseEnvelope('{"cniVersion":"9.9.9"}')).toThrow(/Missing "name"/);
    expect(() => parseEnvelope('{"cniVersion":"9.9.9","name":"a"}')).toThrow(
      expect.objectContaining({ code: 1 }),
    );
  });
});

describe('parseNetConf()', () => {
  it('makes a whole network of the smallest configuration', () => {
    expect(conf({})).toMatchObject({
      bridge: 'flatnet-br0',
      isGateway: true,
      isDefaultGateway: true,
      ipMasq: false,
      mtu: undefined,
      ipam: { from: 'pool' },
    });
  });

  it('lets unknown keys pass, nested ones too', () => {
    expect(() => conf({ vendorKey: { nested: [1, null, true] }, capabilities: { ips: true } })).not.toThrow();
  });

  it('takes null for absent, as Go does', () => {
    expect(conf({ bridge: null, args: null, runtimeConfig: null, ipam: null }).bridge).toBe('flatnet-br0');
  });

  it.each([
    [{ mtu: 'big' }, 'mtu', '"big"', 'a whole number from 68'],
    [{ mtu: -1 }, 'mtu', '-1', 'a whole number from 68'],
    [{ mtu: 67 }, 'mtu', '67', 'a whole number from 68'],
    [{ mtu: 1279, ipam: { subnet: 'fd00::/64' } }, 'mtu', '1279', '1280 or more'],
    [{ mtu: 1500.5 }, 'mtu', '1500.5', 'a whole number'],
    [{ ipMasq: 'yes' }, 'ipMasq', '"yes"', 'true or false'],
    [{ bridge: 'a-name-that-is-too-long' }, 'bridge', '"a-name-that-is-too-long"', 'an interface name'],
    [{ dns: { nameservers: 'x' } }, 'dns.nameservers', '"x"', 'a list'],
    [{ ipam: { routes: [{ dst: 'nowhere' }] } }, 'ipam.routes[0].dst', '"nowhere"', 'a CIDR'],
    [{ ipam: { dataDir: 'relative' } }, 'ipam.dataDir', '"relative"', 'an absolute path'],
    [{ ipam: { type: '../evil' } }, 'ipam.type', '"../evil"', 'the name of a plugin'],
    [{ runtimeConfig: { ips: ['x'] } }, 'runtimeConfig.ips[0]', '"x"', 'an IP address'],
    [{ runtimeConfig: { mac: 'aa:bb' } }, 'runtimeConfig.mac', '"aa:bb"', 'a MAC'],
  ])('refuses %j as invalid, with key, value and what would be right', (fields, key, value, expected) => {
    expect(() => conf(fields)).toThrow(
      expect.objectContaining({
        kind: 'invalid',
        message: `Invalid "${key}" in the configuration of network "net1": ${value}`,
        details: expect.stringContaining(expected),
      }),
    );
  });

  it.each([
    'vlan',
    'vlanTrunk',
    'preserveDefaultVlan',
    'conditionsV4',
    'conditionsV6',
    'iptablesAdminChainName',
  ])('refuses the key %s of the reference by name', (key) => {
    expect(() => conf({ [key]: 5 })).toThrow(
      expect.objectContaining({ code: 2, message: expect.stringContaining(`"${key}"`) }),
    );
  });

  it('takes a key it does not support when it asks for nothing', () => {
    expect(() => conf({ conditionsV4: [], conditionsV6: [] })).not.toThrow();
    expect(() => conf({ vlan: 0, preserveDefaultVlan: false })).not.toThrow();
  });

  it('gathers addresses from CNI_ARGS, args.cni and runtimeConfig, with or without prefix, each once', () => {
    const runtimeConfig = { ips: ['10.87.1.7', '10.87.1.8', 'FD00:0::1'] };
    const args = { cni: { ips: ['10.87.1.7/24'] } };
    const addresses = ['10.87.1.7', '10.87.1.8', 'fd00::1'];
    expect(conf({ args, runtimeConfig }).requestedIPs).toEqual(addresses);
    expect(conf({ runtimeConfig }, { IP: '10.87.1.7/24' }).requestedIPs).toEqual(addresses);
  });

  it('takes no address from CNI_ARGS when args.cni has the key', () => {
    const args = { cni: { ips: ['10.87.1.7'] } };
    expect(conf({ args }, { IP: '10.87.1.8' }).requestedIPs).toEqual(['10.87.1.7']);
  });

  it('prefers the MAC of runtimeConfig to args.cni and that to CNI_ARGS', () => {
    const everywhere = {
      runtimeConfig: { mac: '02:00:00:00:00:0A' },
      args: { cni: { mac: '02:00:00:00:00:0b' } },
    };
    expect(conf(everywhere, { MAC: '02:00:00:00:00:0c' }).mac).toBe('02:00:00:00:00:0a');
    expect(conf({ args: everywhere.args }, { MAC: '02:00:00:00:00:0c' }).mac).toBe('02:00:00:00:00:0b');
    expect(conf({}, { MAC: '02:00:00:00:00:0c' }).mac).toBe('02:00:00:00:00:0c');
    const own = { mac: '02:00:00:00:00:0d' };
    expect(conf(own, { MAC: '02:00:00:00:00:0c' }).mac).toBe('02:00:00:00:00:0c');
    expect(conf(own).mac).toBe('02:00:00:00:00:0d');
  });

  it.each(['01:00:5e:00:00:01', '00:00:00:00:00:00'])(
    'refuses the MAC %s, which no interface can have',
    (mac) => {
      expect(() => conf({}, { MAC: mac })).toThrow(expect.objectContaining({ kind: 'invalid' }));
    },
  );

  it('reads runtimeConfig without regard to case, as containerd sends it', () => {
    const portMappings = [{ HostPort: 8080, ContainerPort: 80, Protocol: 'TCP', HostIP: '' }];
    expect(conf({ runtimeConfig: { PortMappings: portMappings } }).portMappings).toEqual([
      { hostPort: 8080, containerPort: 80, protocol: 'tcp' },
    ]);
  });

  it.each([
    { hostPort: 0, containerPort: 80 },
    { hostPort: 65536, containerPort: 80 },
    { hostPort: 80, containerPort: 80, protocol: 'icmp' },
  ])('refuses the port mapping %j as invalid', (mapping) => {
    expect(() => conf({ runtimeConfig: { portMappings: [mapping] } })).toThrow(
      expect.objectContaining({ kind: 'invalid' }),
    );
  });

  it('keeps foreign IPAM types for delegation', () => {
    expect(conf({ ipam: { type: 'host-local' } }).ipam).toMatchObject({ from: 'source', type: 'host-local' });
    expect(conf({ ipam: { type: 'flatnet-ipam' } }).ipam.from).toBe('pool');
  });

  it('tells an absent list of valid attachments from an empty one', () => {
    expect(conf({}).validAttachments).toBeUndefined();
    expect(conf({ 'cni.dev/valid-attachments': [] }).validAttachments).toEqual([]);
  });

  it('names the container after K8S_POD_NAME', () => {
    expect(conf({}, { K8S_POD_NAME: 'web' }).containerName).toBe('web');
    expect(conf({}, { K8S_POD_NAME: 'x'.repeat(255) }).containerName).toBe('x'.repeat(255));
  });

  it('remembers no name that is longer than any runtime gives, and none that is empty', () => {
    for (const name of ['x'.repeat(256), 'x'.repeat(100_000), '']) {
      expect(conf({}, { K8S_POD_NAME: name }).containerName).toBeUndefined();
    }
  });

  it('is no gateway and no default route when told so', () => {
    expect(conf({ isGateway: false })).toMatchObject({ isGateway: false, isDefaultGateway: false });
    expect(conf({ isGateway: false, isDefaultGateway: true })).toMatchObject({ isGateway: true });
  });
});

describe('parseForRemoval()', () => {
  const stdin = JSON.stringify({ name: 'net1', vlan: 7, ipam: { type: 'host-local', dataDir: '/x' } });

  function removal(args: Record<string, string>) {
    return flat(parseForRemoval(parseEnvelope(stdin), { ...ARGS, args }, () => undefined));
  }

  it('keeps where the addresses are and the container’s name', () => {
    expect(removal({ MAC: 'nonsense', K8S_POD_NAME: 'web' })).toMatchObject({
      ipam: { from: 'source', type: 'host-local' },
      containerName: 'web',
    });
  });

  it('has no endless name either', () => {
    expect(removal({ K8S_POD_NAME: 'x'.repeat(256) }).containerName).toBeUndefined();
  });
});

describe('empty texts, as Go writes them for what was never set', () => {
  const RANGE = { subnet: '10.2.0.0/24' };

  it.each([
    ['bridge', { bridge: '' }],
    ['ipMasqBackend', { ipMasqBackend: '' }],
    ['ingressPolicy', { ingressPolicy: '' }],
    ['dns.domain', { dns: { domain: '' } }],
    ['args.cni', { args: { cni: { mac: '', ips: [''] } } }],
    ['runtimeConfig', { runtimeConfig: { mac: '', ips: [''] } }],
    ['ipam.type', { ipam: { type: '' } }],
    ['ipam.dataDir', { ipam: { dataDir: '', resolvConf: '' } }],
    ['top-level range', { ipam: { rangeStart: '', rangeEnd: '', gateway: '' } }],
  ])('are as absent: %s', (_what, fields) => {
    expect(conf(fields)).toEqual(conf({}));
  });

  it('are as absent in ranges, routes and port mappings', () => {
    const empty = { rangeStart: '', rangeEnd: '', gateway: '' };
    const route = { dst: '10.0.0.0/8' };
    const port = { hostPort: 80, containerPort: 80 };
    const given = conf({
      ipam: { ranges: [[{ ...RANGE, ...empty }]], routes: [{ ...route, gw: '' }] },
      runtimeConfig: { portMappings: [{ ...port, protocol: '', hostIP: '' }] },
    });
    const plain = conf({
      ipam: { ranges: [[RANGE]], routes: [route] },
      runtimeConfig: { portMappings: [port] },
    });
    expect([given.ipam, given.portMappings]).toEqual([plain.ipam, plain.portMappings]);
  });

  it('stay what they are in a sysctl', () => {
    expect(conf({ sysctl: { 'net.ipv4.ip_local_reserved_ports': '' } }).sysctls).toEqual({
      'net/ipv4/ip_local_reserved_ports': '',
    });
  });

  it.each([
    ['ipam.subnet', { ipam: { subnet: '' } }],
    ['ipam.ranges[0][0].subnet', { ipam: { ranges: [[{ subnet: '' }]] } }],
    ['ipam.routes[0].dst', { ipam: { ...RANGE, routes: [{ dst: '' }] } }],
  ])('are an error in %s', (key, fields) => {
    expect(() => conf(fields)).toThrow(key);
  });
});
