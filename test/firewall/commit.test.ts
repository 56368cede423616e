import { describe, expect, it } from 'vitest';
import { commitElements } from '../../src/firewall/commit.ts';
import { indexElements } from '../../src/firewall/port-index.ts';
import { beginPlan, isThere, readElements } from '../../src/firewall/read-elements.ts';
import { rulesOf } from '../../src/firewall/read-rules.ts';
import { TABLE } from '../../src/firewall/table.ts';
import type { PlainKernel } from '../../src/sys/plain/way.ts';

const PORT = { set: 'ports4', key: 'tcp . 80', value: '10.87.1.2 . 80', owner: 'fn0' } as const;

/** What `nft -j` of Debian 12 prints of a table. */
const LISTING = {
  nftables: [
    { table: { family: 'inet', name: 'flatnet' } },
    {
      map: {
        family: 'inet',
        table: 'flatnet',
        name: 'ports4',
        elem: [[{ elem: { val: { concat: ['tcp', 80] }, comment: 'fn0' } }, { concat: ['10.87.1.2', 80] }]],
      },
    },
    { set: { family: 'inet', table: 'flatnet', name: 'local6', elem: ['fd00::1', '::ffff:1.2.3.4'] } },
    { set: { family: 'inet', table: 'flatnet', name: 'served' } },
    { rule: { family: 'inet', table: 'flatnet', chain: 'masquerade-a', handle: 7, comment: 'subnet=x' } },
  ],
};

function refused(): never {
  throw new Error('not asked for');
}

/** A kernel behind programs that has this table, and what it was told to change. */
function kernelWith(listing: unknown): { kernel: PlainKernel; changes: string[][]; reads: () => number } {
  const changes: string[][] = [];
  let reads = 0;
  const kernel: PlainKernel = {
    isPlain: true,
    apply: refused,
    applyInBackground: refused,
    look: refused,
    addresses: refused,
    routes: refused,
    neighbour: refused,
    isBehindBridge: refused,
    list: () => listing,
    forget: () => void (reads += 1),
    change: (lines) => void changes.push([...lines]),
    changeInBackground: (lines) => Promise.resolve(void changes.push([...lines])),
    [Symbol.dispose]: () => undefined,
  };
  return { kernel, changes, reads: () => reads };
}

describe('elements by nft', () => {
  it('are read from a listing of their table, as they would be by netlink', () => {
    const { kernel, reads } = kernelWith(LISTING);
    expect(beginPlan(kernel)).toBeUndefined();
    expect(reads()).toBe(1);
    expect(readElements(kernel, ['ports4', 'local6'])).toEqual([
      PORT,
      { set: 'local6', key: 'fd00::1' },
      { set: 'local6', key: '::ffff:102:304' },
    ]);
    expect(isThere(kernel, PORT)).toBe(true);
    expect(isThere(kernel, { ...PORT, key: 'tcp . 81' })).toBe(false);
    expect(isThere(kernel, { set: 'publishers', key: '"fn0"' })).toBe(false);
    expect(rulesOf(kernel, TABLE)).toMatchObject([{ chain: 'masquerade-a', handle: 7, comment: 'subnet=x' }]);
  });

  it('are none where there is no table', () => {
    const { kernel } = kernelWith(undefined);
    expect(readElements(kernel, ['ports4'])).toEqual([]);
    expect(rulesOf(kernel, TABLE)).toEqual([]);
  });

  it('are changed in one transaction, in which a port that is published must be new', async () => {
    const { kernel, changes } = kernelWith(LISTING);
    const add = [PORT, ...indexElements({ active: [PORT], waiting: [] })];
    await commitElements(kernel, { remove: [{ set: 'local4', key: '10.0.0.1' }], add }, 'background');
    expect(changes).toEqual([
      [
        'delete element inet flatnet local4 { 10.0.0.1 }',
        'add element inet flatnet ports4 { tcp . 80 comment "fn0" : 10.87.1.2 . 80 }',
        'add element inet flatnet publishers { "lo", "fn0" }',
        'add element inet flatnet reached4 { 10.87.1.2 }',
        'create element inet flatnet served { tcp . 80 }',
      ],
    ]);
  });
});
