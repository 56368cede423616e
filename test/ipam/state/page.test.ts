// Covers: ipam/state/section.ts
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode } from '../../../src/ipam/state/codec.ts';
import { readPage, writePage, type Page } from '../../../src/ipam/state/page.ts';
import { emptyState, free, hold, type State } from '../../../src/ipam/state.ts';
import type { Allocation } from '../../../src/ipam/types.ts';
import { attachment } from '../fixtures.ts';

const TIME = '2026-01-02T03:04:05.000Z';

function entry(host: number, containerName = 'web'): Allocation {
  return { ...attachment('a'), address: `10.2.0.${host}`, prefix: 24, containerName, time: TIME };
}

/** What an entry's line says besides its key. */
function said({ containerID, ifname, prefix, containerName, time }: Allocation): object {
  return { containerID, ifname, prefix, containerName, time };
}

/** Names of any length and alphabet, so that lines of every remainder of four occur. */
const change = fc.record({
  kind: fc.constantFrom('hold' as const, 'free' as const, 'reboot' as const),
  hosts: fc.uniqueArray(fc.nat(12), { maxLength: 4 }),
  name: fc.string({ unit: 'grapheme', maxLength: 9 }),
});

function apply(
  state: State,
  { kind, hosts, name }: typeof change extends fc.Arbitrary<infer T> ? T : never,
): State {
  if (kind === 'reboot') return { ...state, bootId: name };
  if (kind === 'hold')
    return hold(
      state,
      hosts.map((host) => entry(host, name)),
    );
  return free(
    state,
    [...state.allocations.values()].filter(({ address }) =>
      hosts.some((host) => address === `10.2.0.${host}`),
    ),
    TIME,
  );
}

describe('writePage()', () => {
  it('writes the same bytes upon the last page, upon an older one and upon none', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
        let state = emptyState('boot');
        let last: Page | undefined;
        for (const one of changes) {
          state = apply(state, one);
          const page = writePage(state, last);
          expect(page.bytes.toString()).toBe(writePage(state).bytes.toString());
          expect(decode(Buffer.from(page.bytes))).toMatchObject({ intact: true, state });
          // A commit that fails leaves the store with the page before, whose memory must be its own still.
          if (one.hosts.length !== 1) last = page;
        }
      }),
      { numRuns: 300 },
    );
  });

  it('leaves the page before as it is', () => {
    const first = writePage(hold(emptyState('boot'), [entry(2)]));
    const second = writePage(hold(emptyState('boot'), [entry(3)]), first);
    const bytes = Buffer.from(second.bytes);
    writePage(hold(emptyState('boot'), [entry(4)]), second);
    expect(second.bytes).toEqual(bytes);
  });

  it('writes a document in which every entry has a line of its own', () => {
    const state = free(hold(emptyState('boot'), [entry(2), entry(3), entry(4)]), [entry(4)], TIME);
    const text = writePage(state).bytes.toString();
    expect(text.split('\n').filter((line) => line.includes('"containerID"'))).toHaveLength(3);
    expect(JSON.parse(text)).toEqual({
      version: 1,
      checksum: expect.stringMatching(/^[0-9a-f]{8}$/),
      bootId: 'boot',
      allocations: { 'n/10.2.0.2': said(entry(2)), 'n/10.2.0.3': said(entry(3)) },
      released: { 'n/10.2.0.4': { containerID: 'a', ifname: 'eth0', containerName: 'web', time: TIME } },
    });
  });
});

describe('readPage()', () => {
  const page = writePage(free(hold(emptyState('boot'), [entry(2), entry(3)]), [entry(3)], TIME));
  const text = page.bytes.toString();

  it('refuses lines that were put elsewhere or spelled anew', () => {
    const [head = '', held = '', middle = '', released = '', end = ''] = text.split('\n');
    const moved = [head, held, released.replace('"n', ',"n'), middle, end, ''].join('\n');
    for (const other of [
      moved,
      `${text} `,
      text.replace('"web"', '"wed"'),
      JSON.stringify(JSON.parse(text)),
    ]) {
      expect(readPage(Buffer.from(other))).toBeUndefined();
    }
    expect(readPage(Buffer.from(text))?.state.allocations.size).toBe(1);
  });

  it('refuses a page that begins with its first lines missing', () => {
    for (let length = 0; length < text.length; length += 1) {
      expect(readPage(Buffer.from(`x\n${text.slice(length)}`))).toBeUndefined();
    }
  });
});
