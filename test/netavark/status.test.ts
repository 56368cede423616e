import { expect, it } from 'vitest';
import { parseNetwork } from '../../src/netavark/network/network.ts';
import { formatStatus } from '../../src/netavark/status.ts';

const ATTACHED = {
  bridge: { name: 'lab0', mac: '06:58:00:00:00:01' },
  host: { name: 'fn1', mac: 'fe:ff:00:00:00:01' },
  inside: { name: 'eth0', mac: '0a:58:0a:57:02:02', mtu: 1500 },
  routes: [],
  dns: {},
  names: {},
};
const network = (servers?: string[]) =>
  parseNetwork({
    name: 'lab',
    network_interface: 'lab0',
    subnets: [{ subnet: '10.87.2.0/24' }, { subnet: 'fd00::/64' }],
    network_dns_servers: servers,
  }).network;

it("formatStatus() has netavark's keys and no others", () => {
  const addresses = [
    { family: 4, address: '10.87.2.2', prefix: 24, gateway: '10.87.2.1' },
    { family: 6, address: 'fd00::2', prefix: 64, gateway: undefined },
  ] as const;
  expect(JSON.parse(formatStatus(network(), { ...ATTACHED, addresses }))).toEqual({
    interfaces: {
      eth0: {
        mac_address: '0a:58:0a:57:02:02',
        subnets: [{ ipnet: '10.87.2.2/24', gateway: '10.87.2.1' }, { ipnet: 'fd00::2/64' }],
      },
    },
  });
});

it('formatStatus() names the servers that the network was given', () => {
  expect(JSON.parse(formatStatus(network(['10.9.9.9']), { ...ATTACHED, addresses: [] }))).toMatchObject({
    dns_server_ips: ['10.9.9.9'],
  });
});
