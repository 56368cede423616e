import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  align,
  attribute,
  frame,
  HEADER_LENGTH,
  nest,
  parseAttributes,
  parseMessages,
  text,
  textOf,
  u32,
} from '../../../src/sys/netlink/message.ts';

const BYTES = fc.uint8Array({ maxLength: 40 });
interface Sent {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly body: Uint8Array;
}
const MESSAGE: fc.Arbitrary<Sent> = fc.record({
  type: fc.integer({ min: 0, max: 0xffff }),
  flags: fc.integer({ min: 0, max: 0xffff }),
  sequence: fc.integer({ min: 0, max: 0xffff_ffff }),
  body: BYTES,
});

function datagramOf(messages: readonly Sent[]): Buffer {
  return Buffer.concat(messages.map(({ body, ...header }) => frame(header, body)));
}

const asArrays = (messages: readonly { readonly body: Uint8Array }[]) =>
  messages.map((message) => ({ ...message, body: [...message.body] }));

describe('a message', () => {
  it('has its length without the filling in front, and what it is', () => {
    const bytes = frame({ type: 0x0102, flags: 0x0304, sequence: 5 }, Uint8Array.of(9));
    expect([...bytes]).toEqual([17, 0, 0, 0, 2, 1, 4, 3, 5, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0]);
  });

  it('comes out of a datagram as it was put in, beside others', () => {
    fc.assert(
      fc.property(fc.array(MESSAGE, { maxLength: 5 }), (messages) => {
        expect(asArrays(parseMessages(datagramOf(messages)))).toEqual(asArrays(messages));
      }),
    );
  });

  it('that is whole comes out of a datagram that was cut off behind it', () => {
    fc.assert(
      fc.property(fc.array(MESSAGE, { minLength: 1, maxLength: 4 }), fc.nat(), (messages, cut) => {
        const datagram = datagramOf(messages);
        const at = cut % datagram.length;
        const ends = messages.map((_message, index) => datagramOf(messages.slice(0, index + 1)).length);
        const whole = ends.filter((end) => end <= at).length;
        const found = parseMessages(datagram.subarray(0, at));
        expect(asArrays(found.slice(0, whole))).toEqual(asArrays(messages.slice(0, whole)));
        expect(found.length).toBeLessThanOrEqual(whole + 1);
      }),
    );
  });

  it('with a length that cannot be ends the datagram', () => {
    const wrong = Buffer.alloc(HEADER_LENGTH);
    wrong.writeUInt32LE(HEADER_LENGTH - 1, 0);
    const right = frame({ type: 1, flags: 0, sequence: 1 }, Buffer.alloc(0));
    expect(parseMessages(Buffer.concat([right, wrong, right]))).toHaveLength(1);
  });
});

describe('an attribute', () => {
  it('has its length without the filling, and its type, in front', () => {
    const [bytes] = attribute(0x0102, Uint8Array.of(7, 8, 9));
    expect([...bytes!]).toEqual([7, 0, 2, 1, 7, 8, 9, 0]);
  });

  it('without a value is none', () => {
    expect(attribute(1, undefined)).toEqual([]);
    expect(attribute(1, Buffer.alloc(0))).toHaveLength(1);
  });

  it('is found by its type, whatever stands beside it and wherever they begin', () => {
    const values = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 0x3fff }), BYTES), {
      selector: ([type]) => type,
      maxLength: 6,
    });
    fc.assert(
      fc.property(values, fc.nat({ max: 3 }), (attributes, words) => {
        const before = Buffer.alloc(words * 4);
        const bytes = Buffer.concat([
          before,
          ...attributes.flatMap(([type, value]) => attribute(type, value)),
        ]);
        const found = parseAttributes(bytes, before.length);
        expect([...found].map(([type, value]) => [type, [...value]])).toEqual(
          attributes.map(([type, value]) => [type, [...value]]),
        );
      }),
    );
  });

  it('made of attributes is flagged so, and read without the flag', () => {
    const [bytes] = nest(18, [...attribute(1, text('veth')), ...attribute(2, u32(7))]);
    expect(bytes!.readUInt16LE(2)).toBe(18 | 0x8000);
    const inner = parseAttributes(parseAttributes(bytes!).get(18)!);
    expect(textOf(inner.get(1))).toBe('veth');
    expect(inner.get(2)?.readUInt32LE()).toBe(7);
  });

  it('that was cut off, or has a length that cannot be, ends the list', () => {
    const [whole] = attribute(1, u32(1));
    fc.assert(
      fc.property(BYTES, (rest) => {
        const found = parseAttributes(Buffer.concat([whole!, rest]));
        expect(found.size).toBeGreaterThanOrEqual(1);
      }),
    );
    expect([...parseAttributes(Buffer.concat([whole!, Buffer.alloc(12)])).keys()]).toEqual([1]);
  });
});

describe('values', () => {
  it('are filled up to a multiple of four bytes', () => {
    expect([0, 1, 4, 5, 8].map(align)).toEqual([0, 4, 4, 8, 8]);
  });

  it('are in the order of the machine', () => {
    expect([...u32(0xfffefdfc)]).toEqual([0xfc, 0xfd, 0xfe, 0xff]);
  });

  it('that are texts end with a zero, and are read with and without it', () => {
    expect([...text('é')]).toEqual([0xc3, 0xa9, 0]);
    expect(textOf(text('eth0'))).toBe('eth0');
    expect(textOf(Buffer.from('eth0'))).toBe('eth0');
    expect(textOf(Buffer.from('eth0\0left'))).toBe('eth0');
    expect(textOf(undefined)).toBeUndefined();
  });
});
