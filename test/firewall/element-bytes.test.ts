import { describe, expect, it } from 'vitest';
import { encodeChanges, encodeElement } from '../../src/firewall/element-bytes.ts';
import type { Element } from '../../src/firewall/table.ts';

const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex');
const BR0 = Buffer.from('br0').toString('hex').padEnd(32, '0');

describe('encodeElement()', () => {
  it.each<[Element, string, string | undefined]>([
    [
      { set: 'ports4', key: 'tcp . 8080', value: '10.87.1.2 . 80' },
      '06000000' + '1f900000',
      '0a570102' + '00500000',
    ],
    [
      { set: 'bound4', key: 'udp . 127.0.0.1 . 53', value: '10.87.1.2 . 65535' },
      '11000000' + '7f000001' + '00350000',
      '0a570102' + 'ffff0000',
    ],
    [
      { set: 'ports6', key: 'sctp . 8080', value: 'fd00::2 . 80' },
      '84000000' + '1f900000',
      'fd000000000000000000000000000002' + '00500000',
    ],
    [
      { set: 'bound6', key: 'tcp . ::1 . 1', value: 'fd00::2 . 80' },
      '06000000' + '00000000000000000000000000000001' + '00010000',
      'fd000000000000000000000000000002' + '00500000',
    ],
    [{ set: 'loopback', key: '"br0"' }, BR0, undefined],
    [{ set: 'loops', key: '"br0" . "br0"' }, BR0 + BR0, undefined],
    [{ set: 'macs', key: '"br0" . 0a:58:0a:57:01:02' }, BR0 + '0a580a570102' + '0000', undefined],
    [{ set: 'arp4', key: '"br0" . 10.87.1.2' }, BR0 + '0a570102', undefined],
    [{ set: 'nd6', key: '"br0" . fd00::2' }, BR0 + 'fd000000000000000000000000000002', undefined],
    [
      { set: 'targets6', key: '"br0" . 0xfd000000000000000000000000000002' },
      BR0 + 'fd000000000000000000000000000002',
      undefined,
    ],
  ])('fills every part of %j up to a register', (element, key, value) => {
    const bytes = encodeElement(element);
    expect(hex(bytes.key)).toBe(key);
    expect(hex(bytes.value)).toBe(value);
    expect(bytes.keyEnd).toBeUndefined();
  });

  it('gives a subnet by its first and its last address', () => {
    const bytes = encodeElement({ set: 'hairpin4', key: '"br0" . 10.87.1.0/24 . 10.87.1.0/24' });
    expect(hex(bytes.key)).toBe(BR0 + '0a570100'.repeat(2));
    expect(hex(bytes.keyEnd)).toBe(BR0 + '0a5701ff'.repeat(2));
  });

  it('names its owner', () => {
    expect(encodeElement({ set: 'guarded', key: '"fn1"', owner: 'fn1' }).comment).toBe('fn1');
  });

  it('refuses what is no address', () => {
    expect(() => encodeElement({ set: 'arp4', key: '"br0" . host' })).toThrow('"host"');
  });
});

describe('encodeChanges()', () => {
  const elements: readonly Element[] = [
    { set: 'ports4', key: 'tcp . 8080', value: '10.87.1.2 . 80', owner: 'fn1' },
    { set: 'guarded', key: '"fn1"', owner: 'fn1' },
    { set: 'ports4', key: 'tcp . 8081', value: '10.87.1.2 . 81', owner: 'fn1' },
  ];

  it('puts the elements of a set together, in its table, and says what is done', () => {
    const changes = encodeChanges(elements, 'add');
    expect(changes.map(({ table, set, elements: own }) => [table, set, own.length])).toEqual([
      ['inet flatnet', 'ports4', 2],
      ['bridge flatnet', 'guarded', 1],
    ]);
    expect(changes[0]?.line).toBe('add element inet flatnet ports4 { tcp . 8080, tcp . 8081 }');
  });

  it('does not say thousands of keys', () => {
    const many = Array.from({ length: 4_501 }, (_, at): Element => ({ set: 'ports4', key: `tcp . ${at}` }));
    expect(encodeChanges(many, 'add')[0]?.line).toMatch(/\{ tcp \. 0, .*tcp \. 7, \.\.\. 4501 in all \}$/);
  });

  it('removes by the key alone', () => {
    const removed = encodeChanges(elements, 'delete').flatMap(({ elements: own }) => own);
    expect(removed.map(({ value, comment }) => value ?? comment)).toEqual([undefined, undefined, undefined]);
  });
});
