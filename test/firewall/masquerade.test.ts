import { describe, expect, it } from 'vitest';
import {
  masqueradeChain,
  masqueradedSubnets,
  planMasquerade,
  planMasqueradeRepair,
} from '../../src/firewall/masquerade.ts';

describe('planMasquerade()', () => {
  it('makes one rule for each subnet of the network, however many containers it has', () => {
    const { lines } = planMasquerade({ network: 'flatnet', subnets: ['10.87.1.0/24', 'fd00::/64'] });
    expect(lines.filter((line) => line.startsWith('add rule'))).toEqual([
      'add rule inet flatnet masquerade-flatnet ip saddr 10.87.1.0/24 ip daddr != { 10.87.1.0/24, 224.0.0.0/4 } masquerade comment "network=flatnet subnet=10.87.1.0/24"',
      'add rule inet flatnet masquerade-flatnet ip6 saddr fd00::/64 ip6 daddr != { fd00::/64, ff00::/8 } masquerade comment "network=flatnet subnet=fd00::/64"',
    ]);
  });
});

describe('planMasqueradeRepair()', () => {
  const rule = (handle: number, subnet: string | undefined) => ({
    handle,
    chain: 'masquerade-n',
    ...(subnet === undefined ? {} : { comment: `network=n subnet=${subnet}` }),
  });
  const plan = (rules: ReturnType<typeof rule>[], ...subnets: string[]) =>
    planMasqueradeRepair(rules, new Map([['n', subnets]])).lines;

  it('leaves what is right, and rules of others', () => {
    expect(plan([rule(4, '10.87.1.0/24'), rule(5, undefined)], '10.87.1.0/24')).toEqual([]);
  });

  it('removes rules of subnets that nobody has any more, and those that are there twice', () => {
    const rules = [rule(4, '10.87.1.0/24'), rule(5, '10.87.2.0/24'), rule(6, '10.87.1.0/24')];
    expect(plan(rules, '10.87.1.0/24')).toEqual([
      'delete rule inet flatnet masquerade-n handle 5',
      'delete rule inet flatnet masquerade-n handle 6',
    ]);
  });

  it('adds what is missing', () => {
    expect(plan([], '10.87.1.0/24')).toEqual(
      planMasquerade({ network: 'n', subnets: ['10.87.1.0/24'] }).lines,
    );
  });

  it('leaves no chain without rules', () => {
    expect(plan([rule(4, '10.87.1.0/24')])).toEqual([
      'flush chain inet flatnet masquerade-n',
      'delete chain inet flatnet masquerade-n',
    ]);
    expect(plan([])).toEqual([]);
  });
});

describe('masqueradedSubnets()', () => {
  const read = (network: string, comments: readonly string[]) =>
    masqueradedSubnets(
      comments.map((comment) => ({ chain: masqueradeChain(network), comment })),
      network,
    );

  it.each(['flatnet', 'n'.repeat(100), 'n'.repeat(115), 'n'.repeat(200)])(
    'reads the subnets back from the comments of network %s, which nft takes',
    (network) => {
      const subnets = ['10.87.1.0/24', 'fd00:1234:5678:9abc:def0:1234:5678:0/112'];
      const { lines } = planMasquerade({ network, subnets });
      const comments = lines.flatMap((line) => /comment "([^"]*)"/.exec(line)?.[1] ?? []);
      expect(read(network, comments)).toEqual(subnets);
      expect(Math.max(...comments.map((comment) => comment.length))).toBeLessThanOrEqual(127);
    },
  );

  it('finds none in the comments of others, nor in those of rules that were made without', () => {
    expect(read('n', ['network=flatnet', 'subnet=', 'mysubnet=10.0.0.0/8', ''])).toEqual([]);
  });

  it('finds none in the chains of other networks', () => {
    const rule = { chain: masqueradeChain('other'), comment: 'network=other subnet=10.87.1.0/24' };
    expect(masqueradedSubnets([rule, { chain: masqueradeChain('n') }], 'n')).toEqual([]);
  });
});
