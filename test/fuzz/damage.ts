import fc from 'fast-check';

/** Values that a hand edit, a script or another program may leave in a state file. */
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(null, '', '__proto__', '10.2.0.2', '10.2.0.300', 'fd00::1', 1e308, -1, '\u0000', '\ud800'),
);

/** A place in the file, by its share of the whole, so that it shrinks towards the beginning. */
const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

const at = (content: Buffer, share: number): number => Math.floor(share * content.length);

const flipped = (content: Buffer) =>
  fc.array(fc.tuple(place, fc.nat(7)), { minLength: 1, maxLength: 4 }).map((bits) => {
    const copy = Buffer.from(content);
    for (const [share, bit] of bits) {
      const index = at(copy, share);
      copy[index] = copy[index]! ^ (1 << bit);
    }
    return copy;
  });

const cut = (content: Buffer) => place.map((share) => content.subarray(0, at(content, share)));

/** Bytes taken out at one place, and others put in: their own, zeros, or any. */
const spliced = (content: Buffer) =>
  fc
    .tuple(place, fc.nat(300), fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constant(null), fc.nat(300)))
    .map(([share, length, put]) => {
      const from = at(content, share);
      const own = content.subarray(from, from + length);
      const bytes = put === null ? own : typeof put === 'number' ? Buffer.alloc(put) : Buffer.from(put);
      return Buffer.concat([
        content.subarray(0, from),
        bytes,
        content.subarray(put === null ? from : from + length),
      ]);
    });

/** Lines in another order, some of them left out or there twice: a merge gone wrong. */
const shuffled = (content: Buffer) => {
  const lines = content.toString().split('\n');
  return fc
    .array(fc.nat(lines.length - 1), { maxLength: lines.length + 2 })
    .map((order) => Buffer.from(order.map((index) => lines[index]).join('\n')));
};

/** Still a JSON document: values replaced or removed anywhere in it, and printed by another program. */
const edited = (content: Buffer) =>
  fc
    .tuple(fc.array(fc.tuple(fc.nat(), fc.option(anything, { nil: undefined })), { maxLength: 5 }), fc.nat(2))
    .map(([edits, indent]) => {
      const document = JSON.parse(content.toString());
      for (const [which, value] of edits) {
        const members = membersOf(document);
        const member = members[which % members.length];
        if (member === undefined) continue;
        if (value === undefined) Reflect.deleteProperty(member.parent, member.key);
        else Reflect.set(member.parent, member.key, value);
      }
      return Buffer.from(JSON.stringify(document, null, indent));
    });

interface Member {
  readonly parent: object;
  readonly key: string;
}

function membersOf(parent: unknown): readonly Member[] {
  if (typeof parent !== 'object' || parent === null) return [];
  return Object.entries(parent).flatMap(([key, value]) => [{ parent, key }, ...membersOf(value)]);
}

const other = fc.oneof(
  fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes)),
  anything.map((value) => Buffer.from(JSON.stringify(value))),
  fc.nat(20_000).map((depth) => Buffer.from('['.repeat(depth))),
);

/** What can become of a state file that says `content`. */
export function damaged(content: Buffer): fc.Arbitrary<Buffer> {
  return fc.oneof(
    { weight: 3, arbitrary: flipped(content) },
    { weight: 2, arbitrary: cut(content) },
    { weight: 3, arbitrary: spliced(content) },
    { weight: 2, arbitrary: shuffled(content) },
    { weight: 4, arbitrary: edited(content) },
    { weight: 1, arbitrary: other },
  );
}
