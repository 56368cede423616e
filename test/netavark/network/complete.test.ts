import { describe, expect, it } from 'vitest';
import { FlatnetError } from '../../../src/input/error.ts';
import { completeNetwork } from '../../../src/netavark/network/complete.ts';
import type { Network } from '../../../src/netavark/network/pool.ts';
import type { Taken } from '../../../src/netavark/network/taken.ts';

const ID = '168a89fe4aacc708e9d7d09848e17715d80fa8a3f29dced133f2ff4ad9822bab';
const NOTHING: Taken = {
  subnets: [],
  bridges: [],
  links: [{ name: 'eth0', isBridge: false }],
  leftovers: [],
};

const complete = (asked: Partial<Network>, taken: Partial<Taken> = {}) =>
  completeNetwork({ name: 'lab', id: ID, ...asked }, { ...NOTHING, ...taken });

function refusal(asked: Partial<Network>, taken: Partial<Taken> = {}): string {
  try {
    complete(asked, taken);
  } catch (error) {
    if (error instanceof FlatnetError) return `${error.message}: ${error.details ?? ''}`;
    throw error;
  }
  return 'nothing';
}

describe('completeNetwork()', () => {
  it('gives the network flatnet the first subnet and bridge', () => {
    expect(complete({ name: 'flatnet' })).toEqual({
      subnets: [{ subnet: '10.87.1.0/24', gateway: '10.87.1.1' }],
      network_interface: 'flatnet-br0',
      ipv6_enabled: false,
      ipam_options: { driver: 'flatnet' },
    });
  });

  it.each([
    [{ 'disable-container-interface': 'true', macspoofchk: 'true' }, 'Invalid "macspoofchk"'],
    [{ 'promisc-mode': 'true', 'hairpin-mode': 'true' }, 'Invalid "promiscMode"'],
  ])('refuses what each setup would refuse: %j', (options, said) => {
    expect(refusal({ options })).toContain(said);
  });

  it('gives others the next ones that are free', () => {
    const taken = {
      subnets: [
        { cidr: '10.87.2.0/24', what: 'a network' },
        { cidr: '10.87.3.7', what: 'an address' },
      ],
      bridges: [{ name: 'flatnet-br1', what: 'a network' }],
    };
    expect(complete({}, taken)).toMatchObject({
      subnets: [{ subnet: '10.87.4.0/24', gateway: '10.87.4.1' }],
      network_interface: 'flatnet-br2',
    });
  });

  it('keeps what was named, and fills in the gateways', () => {
    const subnets = [{ subnet: '10.97.1.0/24', gateway: '10.97.1.254' }, { subnet: 'fd00:97::/64' }];
    expect(complete({ subnets, network_interface: 'lab0' })).toMatchObject({
      subnets: [
        { subnet: '10.97.1.0/24', gateway: '10.97.1.254' },
        { subnet: 'fd00:97::/64', gateway: 'fd00:97::1' },
      ],
      network_interface: 'lab0',
      ipv6_enabled: true,
    });
  });

  it('has both families with --ipv6, a unique local subnet where none is named', () => {
    const six = { subnet: 'fd16:8a89:fe4a:acc7::/64', gateway: 'fd16:8a89:fe4a:acc7::1' };
    const four = { subnet: '10.87.2.0/24', gateway: '10.87.2.1' };
    expect(complete({ ipv6_enabled: true }).subnets).toEqual([four, six]);
    expect(complete({ ipv6_enabled: true, subnets: [six] }).subnets).toEqual([six, four]);
  });

  it('takes a bridge again that a removed network has left', () => {
    const taken = {
      subnets: [{ cidr: '10.87.2.0/24', link: 'flatnet-br1', what: 'a route' }],
      links: [{ name: 'flatnet-br1', isBridge: true }],
      leftovers: [{ name: 'flatnet-br1', gateways: ['10.87.2.1/24'] }],
    };
    expect(complete({}, taken)).toMatchObject({
      subnets: [{ subnet: '10.87.2.0/24' }],
      network_interface: 'flatnet-br1',
    });
    // It has another address than the network wants.
    const other = { ...taken, leftovers: [{ name: 'flatnet-br1', gateways: ['10.87.2.9/24'] }] };
    expect(complete({}, other)).toMatchObject({
      subnets: [{ subnet: '10.87.3.0/24' }],
      network_interface: 'flatnet-br2',
    });
  });

  it('leaves addresses to Podman with --ipam-driver host-local', () => {
    expect(complete({ ipam_options: { driver: 'host-local' } }).ipam_options).toEqual({
      driver: 'host-local',
    });
    expect(complete({ ipam_options: { driver: 'default' } }).ipam_options).toEqual({ driver: 'flatnet' });
  });

  it('chooses no subnet for a network whose interfaces stay down', () => {
    const options = { 'disable-container-interface': 'true' };
    const given = { ipam_options: { driver: 'flatnet' }, network_interface: 'flatnet-br1' };
    expect(complete({ options })).toEqual({ ...given, subnets: [], ipv6_enabled: false });
    expect(refusal({ options, subnets: [{ subnet: '10.87.5.0/24' }] })).toContain('Invalid "subnets"');
  });

  it('takes a subnet that is in use with allow-overlap', () => {
    const subnets = [{ subnet: '10.1.0.0/16' }];
    const taken = { subnets: [{ cidr: '10.0.0.0/8', what: 'a route of the host through "tun0"' }] };
    expect(refusal({ subnets }, taken)).toBe(
      'Cannot create network "lab": 10.1.0.0/16 overlaps 10.0.0.0/8, a route of the host through "tun0": ' +
        'name another --subnet; or take it all the same: -o allow-overlap=true',
    );
    expect(complete({ subnets, options: { 'allow-overlap': 'true' } }, taken).subnets).toHaveLength(1);
  });

  it("names a free subnet in the place of one that is another network's", () => {
    const what = 'network "other" (/etc/containers/networks/other.json)';
    const said = refusal(
      { subnets: [{ subnet: '10.87.5.0/24' }] },
      { subnets: [{ cidr: '10.87.5.0/24', what }] },
    );
    expect(said).toContain(
      `10.87.5.0/24 overlaps 10.87.5.0/24, ${what}: 10.87.1.0/24 is free: --subnet 10.87.1.0/24`,
    );
  });

  it.each<[Partial<Network>, Partial<Taken>, string]>([
    [{ ipam_options: { driver: 'dhcp' } }, {}, 'no addresses by ipam driver "dhcp"'],
    [{ ipam_options: { driver: 'none' } }, {}, 'leave out --ipam-driver'],
    [{ network_interface: 'eth0' }, {}, 'bridge "eth0" is a link of another kind'],
    [
      { network_interface: 'br7' },
      { bridges: [{ name: 'br7', what: 'network "seven" (/x.json)' }] },
      'bridge "br7" belongs to network "seven" (/x.json)',
    ],
    [{ network_interface: 'br7', options: { mode: 'unmanaged' } }, {}, 'ip link add br7 type bridge'],
    [{ options: { colour: 'red' } }, {}, 'Unknown option "colour"'],
    [{ ipv6_enabled: true, id: 'short' }, {}, 'it has no id'],
    [{}, { subnets: [{ cidr: '10.0.0.0/8', what: 'a route' }] }, 'name one: --subnet 172.30.0.0/24'],
  ])('refuses %j beside %j', (asked, taken, said) => {
    expect(refusal(asked, taken)).toContain(said);
  });
});
