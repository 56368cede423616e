import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode } from '../../../src/ipam/state/decode.ts';
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
          expect(page.content.toString()).toBe(writePage(state).content.toString());
          expect(page.seal).toBe(writePage(state).seal);
          expect(decode(page.content)).toMatchObject({ page: { seal: page.seal }, state });
          // A commit that fails leaves the store with the page before.
          if (one.hosts.length !== 1) last = page;
        }
      }),
      { numRuns: 300 },
    );
  });

  it('writes a document in which every entry has a line of its own', () => {
    const state = free(hold(emptyState('boot'), [entry(2), entry(3), entry(4)]), [entry(4)], TIME);
    const text = writePage(state).content.toString();
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
  const text = page.content.toString();

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

  it('reads a file of flatnet 0.1.0, and writes the same bytes', () => {
    const file = [
      '{"version":1,"checksum":"2894d460","bootId":"boot","allocations":{ ',
      '"lab/10.20.0.2":{"containerID":"a","ifname":"eth0","prefix":24,"gateway":"10.20.0.1","containerName":"wéb","hostIfname":"fna","time":"2026-01-02T03:04:05.000Z","data":{"ports":[8080]}}  ',
      ',"lab/10.20.0.4":{"containerID":"ccc","ifname":"eth0","prefix":24,"gateway":"10.20.0.1","containerName":"wéb","hostIfname":"fnccc","time":"2026-01-02T03:04:05.000Z","data":{"ports":[8080]}} ',
      '},"released":{ ',
      '"lab/10.20.0.3":{"containerID":"bb","ifname":"eth0","containerName":"wéb","time":"2026-01-02T03:04:05.000Z"}  ',
      '}} ',
      '',
    ].join('\n');
    const read = readPage(Buffer.from(file));
    expect([...(read?.state.allocations.keys() ?? [])]).toEqual(['lab/10.20.0.2', 'lab/10.20.0.4']);
    expect([...(read?.state.released.keys() ?? [])]).toEqual(['lab/10.20.0.3']);
    expect(writePage(read!.state).content.toString()).toBe(file);
  });
});
