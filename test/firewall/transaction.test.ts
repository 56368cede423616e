import { describe, expect, it } from 'vitest';
import type { Element } from '../../src/firewall/table.ts';
import { planTables } from '../../src/firewall/table-plan.ts';
import { formatTransaction, isEmpty, join, ofLines } from '../../src/firewall/transaction.ts';

const PORT: Element = { set: 'ports4', key: 'tcp . 8080', value: '10.87.1.2 . 80', owner: 'fn1' };
const GUARDED: Element = { set: 'guarded', key: '"fn1"', owner: 'fn1' };

describe('formatTransaction()', () => {
  it('puts tables before the elements that go into them, and removes before it adds', () => {
    const tables = ofLines(['add table inet flatnet']);
    const transaction = { ...tables, remove: [{ ...PORT, value: '10.87.1.3 . 80' }], add: [PORT, GUARDED] };
    expect(formatTransaction(transaction)).toEqual([
      'add table inet flatnet',
      'delete element inet flatnet ports4 { tcp . 8080 }',
      'add element inet flatnet ports4 { tcp . 8080 comment "fn1" : 10.87.1.2 . 80 }',
      'add element bridge flatnet guarded { "fn1" comment "fn1" }',
    ]);
  });

  it('keeps each line shorter than an argument of a program may be', () => {
    const add = Array.from({ length: 65_535 }, (_, at): Element => ({ ...PORT, key: `tcp . ${at + 1}` }));
    const lines = formatTransaction({ ...ofLines([]), add });
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(128 * 1024);
    expect(lines.join().match(/comment/g)).toHaveLength(add.length);
  });
});

describe('join()', () => {
  it('makes one transaction of several', () => {
    const one = { lines: ['a'], remove: [PORT], add: [] };
    const other = { lines: ['b'], remove: [], add: [GUARDED] };
    expect(join(one, other)).toEqual({ lines: ['a', 'b'], remove: [PORT], add: [GUARDED] });
    expect([isEmpty(join()), isEmpty(one)]).toEqual([true, false]);
  });
});

describe('planTables()', () => {
  it('makes what a group needs, in the table of the group, and leaves the others', () => {
    const { lines } = planTables(new Set(['spoof']));
    expect(lines[0]).toBe('add table bridge flatnet');
    expect(lines.every((line) => line.includes('bridge flatnet'))).toBe(true);
    expect(planTables(new Set()).lines).toEqual([]);
  });
});
