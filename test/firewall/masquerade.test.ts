import { describe, expect, it } from 'vitest';
import {
  listedNat,
  masqueradeChain,
  natOf,
  outdatedRules,
  planMasquerade,
  planMasqueradeChange,
  planMasqueradeRepair,
} from '../../src/firewall/masquerade.ts';

describe('planMasquerade()', () => {
  it('makes one rule for each subnet of the network, however many containers it has', () => {
    const { lines } = planMasquerade({ network: 'flatnet', nat: natOf(['10.87.1.0/24', 'fd00::/64']) });
    expect(lines.filter((line) => line.startsWith('add rule'))).toEqual([
      'add rule inet flatnet masquerade-flatnet ip saddr 10.87.1.0/24 ip daddr != { 10.87.1.0/24, 224.0.0.0/4 } masquerade comment "network=flatnet subnet=10.87.1.0/24"',
      'add rule inet flatnet masquerade-flatnet ip6 saddr fd00::/64 ip6 daddr != { fd00::/64, ff00::/8 } masquerade comment "network=flatnet subnet=fd00::/64"',
    ]);
  });
});

describe('planMasqueradeChange()', () => {
  it('puts a source address in the place of the rules that its subnet had, and in no other', () => {
    const had = natOf(['10.87.1.0/24', '10.87.2.0/24', 'fd00::/64']);
    const rules = planMasquerade({ network: 'n', nat: had })
      .lines.flatMap((line) => /comment "(.*)"/.exec(line)?.[1] ?? [])
      .map((comment, index) => ({ handle: index + 1, chain: 'masquerade-n', comment }));
    const spec = { network: 'n', nat: natOf(['10.87.2.0/24', 'fd00::/64'], ['203.0.113.5', 'fd00:5::5']) };
    const { lines } = planMasqueradeChange(outdatedRules(rules, spec), spec);
    expect(lines.filter((line) => !line.startsWith('add table') && !line.startsWith('add chain'))).toEqual([
      'delete rule inet flatnet masquerade-n handle 2',
      'delete rule inet flatnet masquerade-n handle 3',
      'add rule inet flatnet masquerade-n ip saddr 10.87.2.0/24 ip daddr != { 10.87.2.0/24, 224.0.0.0/4 } snat ip to 203.0.113.5 comment "network=n to=203.0.113.5 subnet=10.87.2.0/24"',
      'add rule inet flatnet masquerade-n ip6 saddr fd00::/64 ip6 daddr != { fd00::/64, ff00::/8 } snat ip6 to fd00:5::5 comment "network=n to=fd00:5::5 subnet=fd00::/64"',
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
    planMasqueradeRepair(rules, new Map([['n', natOf(subnets)]])).lines;

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
      planMasquerade({ network: 'n', nat: natOf(['10.87.1.0/24']) }).lines,
    );
  });

  it('keeps any of the sources that attachments asked for, and makes the newest', () => {
    const nat = natOf(['10.87.1.0/24']).concat(natOf(['10.87.1.0/24'], ['203.0.113.5']));
    const wanted = new Map([['n', nat]]);
    expect(planMasqueradeRepair([rule(4, '10.87.1.0/24')], wanted).lines).toEqual([]);
    expect(planMasqueradeRepair([], wanted).lines.at(-1)).toContain('snat ip to 203.0.113.5');
  });

  it('leaves no chain without rules', () => {
    expect(plan([rule(4, '10.87.1.0/24')])).toEqual([
      'flush chain inet flatnet masquerade-n',
      'delete chain inet flatnet masquerade-n',
    ]);
    expect(plan([])).toEqual([]);
  });
});

describe('listedNat()', () => {
  const read = (network: string, comments: readonly string[]) =>
    listedNat(
      comments.map((comment) => ({ chain: masqueradeChain(network), comment })),
      network,
    );

  it.each(['flatnet', 'n'.repeat(100), 'n'.repeat(115), 'n'.repeat(200)])(
    'reads the subnets back from the comments of network %s, which nft takes',
    (network) => {
      const outbound = ['203.0.113.5', 'fd00:1234:5678:9abc:def0:1234:5678:9abc'];
      const subnets = ['10.87.1.0/24', 'fd00:1234:5678:9abc:def0:1234:5678:0/112'];
      const nat = [...natOf(subnets), ...natOf(subnets, outbound)];
      const { lines } = planMasquerade({ network, nat });
      const comments = lines.flatMap((line) => /comment "([^"]*)"/.exec(line)?.[1] ?? []);
      expect(read(network, comments)).toEqual(nat);
      expect(Math.max(...comments.map((comment) => comment.length))).toBeLessThanOrEqual(127);
    },
  );

  it('finds none in the comments of others, nor in those of rules that were made without', () => {
    expect(read('n', ['network=flatnet', 'subnet=', 'mysubnet=10.0.0.0/8', ''])).toEqual([]);
  });

  it('finds none in the chains of other networks', () => {
    const rule = { chain: masqueradeChain('other'), comment: 'network=other subnet=10.87.1.0/24' };
    expect(listedNat([rule, { chain: masqueradeChain('n') }], 'n')).toEqual([]);
  });
});
