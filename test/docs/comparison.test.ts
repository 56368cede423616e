import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const DOCUMENT = readFileSync(join(import.meta.dirname, '../../docs/comparison.md'), 'utf8');
const ROWS = DOCUMENT.split('\n').filter((line) => line.startsWith('| '));

/** What their configurations may say, by plugin: the fields of their structures that JSON fills. */
const KEYS: Readonly<Record<string, string>> = {
  bridge:
    'bridge isGateway isDefaultGateway forceAddress ipMasq ipMasqBackend mtu hairpinMode promiscMode vlan vlanTrunk preserveDefaultVlan macspoofchk enabledad disableContainerInterface portIsolation dns',
  portmap:
    'runtimeConfig.portMappings hostIP backend snat masqAll markMasqBit externalSetMarkChain conditionsV4 conditionsV6',
  firewall: 'backend iptablesAdminChainName firewalldZone ingressPolicy',
  tuning: 'sysctl mac promisc mtu allmulti txQLen dataDir',
  bandwidth: 'ingressRate ingressBurst egressRate egressBurst runtimeConfig.bandwidth',
  'host-local':
    'ipam.type ipam.ranges subnet rangeStart rangeEnd gateway ipam.routes ipam.dataDir ipam.resolvConf runtimeConfig.ips runtimeConfig.ipRanges',
  dnsname: 'runtimeConfig.aliases',
  netavark:
    'network_interface mode=unmanaged no_default_route metric host_interface_name isolate internal vrf firewall_driver outbound_addr4 outbound_addr6 route_type network_dns_servers lease_range',
};

describe('docs/comparison.md', () => {
  it.each(Object.entries(KEYS).flatMap(([plugin, keys]) => keys.split(' ').map((key) => ({ plugin, key }))))(
    'has a row for $key of $plugin',
    ({ key }) => {
      expect(ROWS.filter((row) => row.includes(`\`${key}\``))).not.toEqual([]);
    },
  );

  it('fills every cell of every row', () => {
    for (const row of ROWS) expect([row, row.split(' | ').length]).toEqual([row, 4]);
  });
});
