import { describe, expect, it } from 'vitest';
import { FlatnetError } from '../../../src/input/error.ts';
import { parseOptions } from '../../../src/netavark/network/options.ts';

const NETWORK = { where: 'network "lab"', inContainer: false };

function refusal(options: Record<string, string>, place = NETWORK): string {
  try {
    parseOptions(options, place);
  } catch (error) {
    if (error instanceof FlatnetError) return `${error.message}: ${error.details ?? ''}`;
    throw error;
  }
  return 'nothing';
}

describe('parseOptions()', () => {
  it.each([
    [{ mtu: '1400' }, { mtu: 1400 }],
    [{ mtu: '0' }, {}],
    [{ 'com.docker.network.driver.mtu': '1400' }, { mtu: 1400 }],
    [{ isolate: 'true' }, { isolated: true }],
    [{ isolate: 'strict' }, { isolated: true }],
    [{ isolate: 'false' }, { isolated: false }],
    [{ mode: 'unmanaged' }, { isUnmanaged: true }],
    [{ metric: '200' }, { metric: 200 }],
    [{ no_default_route: '1' }, { noDefaultRoute: true }],
    [{ masquerade: 'false' }, { masquerade: false }],
    [{ ipMasq: 'false' }, { masquerade: false }],
    [
      { snat: 'false', masqAll: '1', 'firewalld-zone': 'lan' },
      { snat: false, masqAll: true, firewalldZone: 'lan' },
    ],
    [{ outbound_addr4: '192.0.2.77' }, { outbound_addr4: '192.0.2.77' }],
    [{ ingressPolicy: 'isolated' }, { ingressPolicy: 'isolated' }],
    [{ 'ingress-policy': 'same-bridge' }, { ingressPolicy: 'same-bridge' }],
    [{ 'data-dir': '/srv/ipam' }, { dataDir: '/srv/ipam' }],
    [{ exclude: '10.87.2.5, 10.87.2.8-10.87.2.9' }, { exclude: ['10.87.2.5', '10.87.2.8-10.87.2.9'] }],
    [
      { reservations: 'web=10.87.2.50,db=10.87.2.51,web=fd00::50' },
      { reservations: { web: ['10.87.2.50', 'fd00::50'], db: ['10.87.2.51'] } },
    ],
    [
      { promisc: 'true', txQLen: '0' },
      { linkPromisc: true, txQLen: 0 },
    ],
    [
      { 'sysctl.net.core.somaxconn': '512', 'sysctl.net/ipv4/ip_forward': '1' },
      { sysctls: { 'net.core.somaxconn': '512', 'net/ipv4/ip_forward': '1' } },
    ],
    [
      { 'ingress-rate': '1000000', 'ingress-burst': '8000' },
      { ingressRate: 1_000_000, ingressBurst: 8000 },
    ],
  ])('reads %j', (options, settings) => {
    expect(parseOptions(options, NETWORK)).toEqual(settings);
  });

  it.each([
    [{ mtu: '67' }, 'Invalid "options.mtu" in network "lab": "67": expected a whole number from 68 to 65535'],
    [{ mtu: '1500x' }, 'expected a whole number'],
    [{ metric: '-1' }, 'expected a whole number from 0 to 4294967295'],
    [{ isolate: 'perhaps' }, 'expected true or false'],
    [{ mode: 'bridge' }, 'expected "managed" or "unmanaged"'],
    [{ 'masquerade-backend': 'pf' }, 'expected "nftables" or "iptables"'],
    [{ 'data-dir': 'here' }, 'expected an absolute path'],
    [{ reservations: 'web' }, 'expected pairs of container and address'],
    [{ vlan: '5' }, 'Cannot do option "vlan" of network "lab": leave it out'],
    [{ vrf: 'blue' }, 'Cannot do option "vrf"'],
    [{ host_interface_name: 'web0' }, 'Cannot set option "host_interface_name" for network "lab"'],
    [{ 'com.docker.network.bridge.name': 'br7' }, '--interface-name'],
    [{ sysctl: 'net.core.somaxconn=1' }, 'expected the key in the name of the option'],
    [{ txqlen: '-1' }, 'expected a whole number from 0 to 2147483647'],
    [{ masqerade: 'true' }, 'Unknown option "masqerade" in network "lab": did you mean "masquerade"?'],
    [{ quota: '5' }, 'Unknown option "quota" in network "lab": flatnet knows mtu,'],
  ])('refuses %j, saying what would be right', (options, said) => {
    expect(refusal(options)).toContain(said);
  });

  it('takes for one container what may differ from its network, and no more', () => {
    const container = { where: 'network "lab"', inContainer: true };
    expect(parseOptions({ metric: '7', mtu: '1400' }, container)).toEqual({ metric: 7, mtu: 1400 });
    expect(refusal({ masquerade: 'false' }, container)).toContain('for one container of network "lab"');
  });
});
