import { describe, expect, it } from 'vitest';
import { listedNat, natOf } from '../../src/firewall/masquerade.ts';
import { EMPTY_RULESET, parseRuleset, type Ruleset } from '../../src/firewall/ruleset.ts';
import { chainGaps, listedElements, missingElements } from '../../src/firewall/table-listing.ts';
import type { Element } from '../../src/firewall/table.ts';
import { ELEMENTS, RECORDED } from './recorded.ts';

const sorted = (elements: readonly Element[]) => elements.map((one) => JSON.stringify(one)).toSorted();

describe.each(RECORDED)('a listing of nft %s', (_release, ruleset) => {
  it('has every element as it was added', () => {
    expect(sorted(listedElements(ruleset))).toEqual(sorted(ELEMENTS));
  });

  it('lacks nothing', () => {
    expect(missingElements(ELEMENTS, ruleset)).toEqual([]);
    expect(chainGaps(ELEMENTS, ruleset)).toEqual([]);
  });

  it('names the tables, and the subnets that are masqueraded', () => {
    expect(ruleset.tables.filter((table) => table.endsWith(' flatnet'))).toEqual([
      'inet flatnet',
      'bridge flatnet',
      'netdev flatnet',
    ]);
    expect(listedNat(ruleset.rules, 'flatnet')).toEqual(natOf(['10.87.1.0/24', 'fd00::/64']));
    expect(listedNat(ruleset.rules, 'flat')).toEqual([]);
  });
});

const [, WHOLE] = RECORDED[0] ?? ['', EMPTY_RULESET];
const PORT = ELEMENTS.filter(({ set }) => set === 'ports4');

function without(part: Partial<Record<'chain' | 'rule', string>>): Ruleset {
  const { chain, rule } = part;
  const index = WHOLE.rules.findIndex((one) => one.chain === rule);
  return {
    ...WHOLE,
    chains: WHOLE.chains.filter(({ name }) => name !== chain),
    rules: WHOLE.rules.filter((_one, at) => at !== index),
  };
}

describe('chainGaps()', () => {
  it('names a chain that is gone, has lost a rule or its hook', () => {
    expect(chainGaps(PORT, without({ chain: 'ports-in' }))).toEqual([
      'Chain "inet flatnet ports-in" is gone',
    ]);
    expect(chainGaps(PORT, without({ rule: 'ports' }))).toEqual([
      'Chain "inet flatnet ports" has lost rules',
    ]);
    const unhooked = WHOLE.chains.map(({ table, name, hook, ...rest }) =>
      name === 'ports-in' ? { table, name } : { table, name, hook, ...rest },
    );
    expect(chainGaps(PORT, { ...WHOLE, chains: unhooked })).toEqual([
      'Chain "inet flatnet ports-in" is not attached to its hook',
    ]);
  });

  it('says it once where all of a table is gone', () => {
    expect(chainGaps(PORT, EMPTY_RULESET)).toEqual(['The chains of table "inet flatnet" are gone']);
  });
});

describe('missingElements()', () => {
  it('names those that lead elsewhere, or belong to another attachment', () => {
    const [port] = PORT;
    const others = [
      { ...port!, value: '10.87.1.3 . 80' },
      { ...port!, owner: 'fn3' },
    ];
    expect(missingElements(others, WHOLE)).toEqual(others);
  });

  it('finds a published port that waits for another attachment of its container', () => {
    const waiting: Element = { set: 'ports4', key: 'tcp . 8080', value: '10.88.0.2 . 80', owner: 'fn2' };
    expect(missingElements([waiting], WHOLE)).toEqual([]);
  });

  it('takes a subnet within a larger one for served', () => {
    const inner: Element = { set: 'hairpin4', key: '"br0" . 10.87.1.0/25 . 10.87.1.0/25' };
    expect(missingElements([inner], WHOLE)).toEqual([]);
  });
});

describe('parseRuleset()', () => {
  it('reads nothing out of what is no listing', () => {
    for (const other of [
      undefined,
      null,
      [],
      'text',
      {},
      { nftables: 'text' },
      { nftables: [null, 1, {}] },
    ]) {
      expect(parseRuleset(other)).toEqual(EMPTY_RULESET);
    }
  });

  it('skips objects it does not know, and keeps a statement that nft has printed as text', () => {
    const rule = {
      family: 'ip',
      table: 't',
      chain: 'c',
      handle: 7,
      expr: ['unheard of drop', { drop: null }],
    };
    const listing = { nftables: [{ metainfo: {} }, { flowtable: { name: 'f' } }, { rule }] };
    expect(parseRuleset(listing)).toEqual({
      ...EMPTY_RULESET,
      rules: [
        {
          table: 'ip t',
          chain: 'c',
          handle: 7,
          comment: undefined,
          statements: [
            { name: 'unheard of drop', operand: undefined },
            { name: 'drop', operand: null },
          ],
        },
      ],
    });
  });

  it('reads elements with timeouts and counters, and ranges', () => {
    const elem = [
      { elem: { val: { range: ['10.0.0.1', '10.0.0.9'] }, timeout: 5, counter: { packets: 1, bytes: 2 } } },
      { prefix: { addr: '10.1.0.0', len: 16 } },
      80,
    ];
    const { elements } = parseRuleset({ nftables: [{ set: { family: 'ip', table: 't', name: 's', elem } }] });
    expect(elements.map(({ key }) => key)).toEqual([['10.0.0.1-10.0.0.9'], ['10.1.0.0/16'], ['80']]);
  });
});
