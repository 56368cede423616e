import { describe, expect, it } from 'vitest';
import {
  closedChains,
  hasFirewalld,
  planForward,
  planForwardRemoval,
} from '../../src/firewall/forward-plan.ts';
import { EMPTY_RULESET, parseRuleset, type Ruleset } from '../../src/firewall/ruleset.ts';
import { RECORDED } from './recorded.ts';

const BR0 = { bridge: 'br0', families: [4, 6] } as const;
const BR1 = { bridge: 'br1', families: [4] } as const;

/** A chain FORWARD of iptables with these rules, each a list of statements. */
function forward(policy: 'accept' | 'drop', ...rules: readonly (readonly unknown[])[]): Ruleset {
  const place = { family: 'ip', table: 'filter' };
  return parseRuleset({
    nftables: [
      { chain: { ...place, name: 'FORWARD', type: 'filter', hook: 'forward', prio: 0, policy } },
      ...rules.map((expr, at) => ({ rule: { ...place, chain: 'FORWARD', handle: at + 1, expr } })),
    ],
  });
}

const of = (side: string, link: string) => ({
  match: { op: '==', left: { meta: { key: side } }, right: link },
});
const COMMENT = { xt: { type: 'match', name: 'comment' } };
const COUNTER = { counter: { packets: 5, bytes: 6 } };
const ACCEPT = { accept: null };
const OURS = [
  [of('iifname', 'br0'), COUNTER, ACCEPT],
  [of('oifname', 'br0'), COMMENT, COUNTER, ACCEPT],
];
const INSERTED = [
  'insert rule ip filter FORWARD iifname "br0" counter accept comment "flatnet"',
  'insert rule ip filter FORWARD oifname "br0" counter accept comment "flatnet"',
];

describe.each(RECORDED)('the chains of others in a listing of nft %s', (_release, ruleset) => {
  it('that refuse and lack our rules are named', () => {
    expect(closedChains(ruleset, BR1)).toEqual(['inet filter forward', 'ip filter FORWARD']);
    expect(closedChains(ruleset, BR0)).toEqual(['ip filter FORWARD']);
  });

  it("get our rules at the top, Docker's chain for others instead of FORWARD", () => {
    expect(planForward(ruleset, BR1).lines).toEqual([
      'insert rule inet filter forward iifname "br1" counter accept comment "flatnet"',
      'insert rule inet filter forward oifname "br1" counter accept comment "flatnet"',
      'insert rule ip filter DOCKER-USER iifname "br1" counter accept comment "flatnet"',
      'insert rule ip filter DOCKER-USER oifname "br1" counter accept comment "flatnet"',
    ]);
  });

  it('lose the rules of a bridge, whoever printed them, and no others', () => {
    expect(planForwardRemoval(ruleset, 'br0').lines.map((line) => line.replace(/\d+$/, 'N'))).toEqual([
      'delete rule inet filter forward handle N',
      'delete rule inet filter forward handle N',
      'delete rule ip filter FORWARD handle N',
    ]);
    expect(planForwardRemoval(ruleset, 'br1').lines).toEqual([]);
  });
});

describe('a chain of iptables', () => {
  it('that only accepts gets no rule', () => {
    expect(planForward(forward('accept', [ACCEPT], [of('iifname', 'eth0'), ACCEPT]), BR0).lines).toEqual([]);
    expect(planForward(EMPTY_RULESET, BR0).lines).toEqual([]);
  });

  it.each([
    ['drops by policy', forward('drop')],
    ['rejects by a target of its own', forward('accept', [{ xt: { type: 'target', name: 'REJECT' } }])],
    [
      'drops in a verdict map',
      forward('accept', [{ vmap: { data: { set: [['x', { drop: null }], ACCEPT] } } }]),
    ],
    ['drops in a statement that has no JSON form', forward('accept', ['unheard of drop'])],
  ])('that %s is closed, and gets our rules', (_what, ruleset) => {
    expect(closedChains(ruleset, BR0)).toEqual(['ip filter FORWARD']);
    expect(planForward(ruleset, BR0).lines).toEqual(INSERTED);
  });

  it('with a jump may refuse: it gets our rules, but is not said to be closed', () => {
    const ruleset = forward('accept', [{ jump: { target: 'other' } }]);
    expect(closedChains(ruleset, BR0)).toEqual([]);
    expect(planForward(ruleset, BR0).lines).toEqual(INSERTED);
  });

  it('that has our rules first is left alone, whichever form they came back in', () => {
    const ruleset = forward('drop', [of('iifname', 'br9'), ACCEPT], ...OURS);
    expect(closedChains(ruleset, BR0)).toEqual([]);
    expect(planForward(ruleset, BR0).lines).toEqual([]);
  });

  it('that has our rules behind a jump is open; they are put first again', () => {
    const ruleset = forward('drop', [{ jump: { target: 'other' } }], ...OURS);
    expect(closedChains(ruleset, BR0)).toEqual([]);
    expect(planForward(ruleset, BR0).lines).toEqual([
      'delete rule ip filter FORWARD handle 2',
      'delete rule ip filter FORWARD handle 3',
      ...INSERTED,
    ]);
  });

  it.each([
    ['some packets of the bridge', [of('iifname', 'br0'), { xt: { type: 'match', name: 'recent' } }, ACCEPT]],
    ['all packets but those of the bridge', [{ match: { ...of('iifname', 'br0').match, op: '!=' } }, ACCEPT]],
  ])('does not let a bridge pass by a rule that accepts %s', (_what, rule) => {
    const ruleset = forward('drop', rule, OURS[1] ?? []);
    expect(closedChains(ruleset, BR0)).toEqual(['ip filter FORWARD']);
    expect(planForwardRemoval(ruleset, 'br0').lines).toEqual(['delete rule ip filter FORWARD handle 2']);
  });

  it('of the other family is not asked', () => {
    expect(planForward(forward('drop'), { bridge: 'br0', families: [6] }).lines).toEqual([]);
  });
});

describe('hasFirewalld()', () => {
  it('finds its table, whose chains are never opened', () => {
    const chain = {
      family: 'inet',
      table: 'firewalld',
      name: 'filter_FORWARD',
      hook: 'forward',
      policy: 'drop',
    };
    const ruleset = parseRuleset({ nftables: [{ chain }] });
    expect([hasFirewalld(ruleset), hasFirewalld(EMPTY_RULESET)]).toEqual([true, false]);
    expect(planForward(ruleset, BR0).lines).toEqual([]);
  });
});
