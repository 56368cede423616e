import { describe, expect, it } from 'vitest';
import { listedSubnets, planMasquerade } from '../../src/bridge/masquerade.ts';

describe('planMasquerade()', () => {
  it('makes one rule for each subnet of the network, however many containers it has', () => {
    const lines = planMasquerade({ network: 'flatnet', subnets: ['10.87.1.0/24', 'fd00::/64'] });
    expect(lines.filter((line) => line.startsWith('add rule'))).toEqual([
      'add rule inet flatnet masquerade-flatnet ip saddr 10.87.1.0/24 ip daddr != { 10.87.1.0/24, 224.0.0.0/4 } masquerade comment "network=flatnet"',
      'add rule inet flatnet masquerade-flatnet ip6 saddr fd00::/64 ip6 daddr != { fd00::/64, ff00::/8 } masquerade comment "network=flatnet"',
    ]);
  });
});

describe('listedSubnets()', () => {
  it('reads the subnets back from what nft prints', () => {
    const listing = `table inet flatnet {
	chain masquerade-flatnet {
		type nat hook postrouting priority srcnat; policy accept;
		ip saddr 10.87.1.0/24 ip daddr != { 10.87.1.0/24, 224.0.0.0/4 } masquerade comment "network=flatnet"
		ip6 saddr fd00::/64 ip6 daddr != { fd00::/64, ff00::/8 } masquerade comment "network=flatnet"
	}
}`;
    expect(listedSubnets(listing)).toEqual(['10.87.1.0/24', 'fd00::/64']);
  });

  it('finds none in a chain that was flushed', () => {
    expect(listedSubnets('table inet flatnet {\n\tchain masquerade-flatnet {\n\t}\n}')).toEqual([]);
  });
});
