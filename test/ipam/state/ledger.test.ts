import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyOf, Ledger, partsOf } from '../../../src/ipam/state/ledger.ts';

interface Entry {
  readonly network: string;
  readonly address: string;
  readonly number: number;
}

const entry = fc.record({
  network: fc.constantFrom('n', 'a/b', ''),
  address: fc.constantFrom('10.2.0.2', '10.2.0.3', 'fd00::2'),
  number: fc.nat(),
});
const keyOfEntry = ({ network, address }: Entry) => keyOf(network, address);

describe('a Ledger', () => {
  it(
    'holds what a Map would, in the same order, and leaves every earlier one as it was',
    { timeout: 60_000 },
    () => {
      const steps = fc.array(fc.record({ put: fc.boolean(), entries: fc.array(entry, { maxLength: 3 }) }));
      fc.assert(
        fc.property(steps, (changes) => {
          const versions: [Ledger<Entry>, Map<string, Entry>][] = [[new Ledger<Entry>([]), new Map()]];
          for (const { put, entries } of changes) {
            const [ledger, map] = versions.at(-1)!;
            const next = new Map(map);
            for (const one of entries) {
              if (put) next.set(keyOfEntry(one), one);
              else next.delete(keyOfEntry(one));
            }
            versions.push([put ? ledger.with(entries) : ledger.without(entries.map(keyOfEntry)), next]);
          }
          for (const [ledger, map] of versions) {
            expect([...ledger]).toEqual([...map]);
            expect([[...ledger.keys()], [...ledger.values()], ledger.size]).toEqual([
              [...map.keys()],
              [...map.values()],
              map.size,
            ]);
            const visited: unknown[] = [];
            ledger.forEach((value, key) => visited.push([key, value]));
            expect(visited).toEqual([...map]);
            for (const key of ['n/10.2.0.2', 'a/b/10.2.0.3', '/fd00::2', 'n/x']) {
              expect([ledger.has(key), ledger.get(key)]).toEqual([map.has(key), map.get(key)]);
            }
          }
        }),
      );
    },
  );

  it('is itself without what it does not have', () => {
    const ledger = new Ledger([{ network: 'n', address: '10.2.0.2' }]);
    expect(ledger.without(['n/10.2.0.3'])).toBe(ledger);
  });
});

describe('partsOf()', () => {
  it('undoes keyOf(), whatever the network is called', () => {
    expect(partsOf(keyOf('a/b', 'fd00::2'))).toEqual({ network: 'a/b', address: 'fd00::2' });
    expect(partsOf('none')).toEqual({ network: '', address: 'none' });
  });
});
