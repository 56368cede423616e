import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore, parsePool, type Allocation, type Note, type Store } from '../../../src/ipam/index.ts';
import { commitNoted, judge } from '../../../src/ipam/state/witness.ts';
import { attachment, temporaryDirectory } from '../fixtures.ts';

const pool = parsePool({ network: 'n', ipam: { subnet: '10.2.0.0/29' } });

/** A host whose links stand as long as nobody takes them away, with a store that notes what it writes. */
function place() {
  const dataDir = join(temporaryDirectory(), 'ipam');
  const links = new Map<string, Allocation>();
  const host = { note: undefined as Note | undefined, looks: 0 };
  const open = (): Store =>
    openStore({
      dataDir,
      bootId: 'boot-1',
      holders: () => ({
        isLive: ({ hostIfname = '' }) => links.has(hostIfname),
        isRunning: () => false,
        strays: (known) => [...links.keys()].some((name) => !known.has(name)),
      }),
      recover: () => {
        host.looks += 1;
        return Promise.resolve([...links.values()]);
      },
      witness: {
        read: () => host.note,
        write: (note) => {
          host.note = note;
        },
      },
    });
  const add = async (id: string, requested: readonly string[] = []): Promise<string> => {
    const hostIfname = `fn${id}`;
    const request = { attachment: attachment(id), pool, hostIfname, requested, data: { ports: [id] } };
    const [held] = (await open().allocate(request)).allocations;
    const { data: _, ...link } = held!;
    links.set(hostIfname, link);
    return link.address;
  };
  const del = async (id: string): Promise<void> => {
    links.delete(`fn${id}`);
    await open().release(attachment(id));
  };
  const path = join(dataDir, 'allocations.json');
  const copy = () => readFileSync(path);
  const putBack = (content: Buffer) => {
    writeFileSync(path, content);
  };
  return { host, links, open, add, del, copy, putBack };
}

describe('an older copy of the state file', () => {
  it('gives nobody what a container got since, and is told right by a look alone', async () => {
    const { add, del, copy, putBack, open } = place();
    await add('a');
    const older = copy();
    await del('a');
    expect(await add('a', ['10.2.0.3'])).toBe('10.2.0.3');
    putBack(older);
    expect((await open().list()).map(({ address }) => address)).toEqual(['10.2.0.3']);
    const others = [await add('b'), await add('c')];
    expect(others).not.toContain('10.2.0.3');
    expect(new Set(others).size).toBe(2);
  });

  it('brings back no container that is gone, and no ports of an earlier life', async () => {
    const { add, del, copy, putBack, open } = place();
    await add('a');
    await add('gone');
    const older = copy();
    await del('gone');
    putBack(older);
    expect(await open().list()).toEqual([expect.objectContaining({ containerID: 'a', address: '10.2.0.2' })]);
    expect((await open().list())[0]).not.toHaveProperty('data');
    await open().reclaim();
    const held = await open().list();
    expect(held.map(({ containerID, data }) => [containerID, data])).toEqual([['a', undefined]]);
  });

  it('is compared with the links once', async () => {
    const { add, copy, putBack, host } = place();
    await add('a');
    const older = copy();
    await add('b');
    putBack(older);
    host.looks = 0;
    await add('c');
    expect(host.looks).toBe(1);
    await add('d');
    expect(host.looks).toBe(1);
  });
});

describe('a store whose note is lost', () => {
  it('compares the file with the links once, and believes what they do not contradict', async () => {
    const { add, open, host } = place();
    await add('a');
    host.note = undefined;
    host.looks = 0;
    await add('b');
    await add('c');
    expect(host.looks).toBe(1);
    expect((await open().list()).map(({ data }) => data)).toEqual([
      { ports: ['a'] },
      { ports: ['b'] },
      { ports: ['c'] },
    ]);
  });
});

describe('commitNoted()', () => {
  const keep = () => {
    const host = { note: { last: 'before' } as Note };
    const witness = {
      read: () => host.note,
      write: (note: Note) => {
        host.note = note;
      },
    };
    return { host, noted: { seal: 'after', present: 'before', witness } };
  };

  it('knows the file of before and the one of after while the process may be killed', () => {
    const { host, noted } = keep();
    commitNoted(noted, () => {
      expect([judge(host.note, 'before'), judge(host.note, 'after')]).toEqual(['last', 'last']);
    });
    expect([judge(host.note, 'before'), judge(host.note, 'after')]).toEqual(['other', 'last']);
  });

  it('leaves the note of another process when the lock was lost to it', () => {
    const { host, noted } = keep();
    host.note = { last: 'of another' };
    const lost = () => {
      throw new Error('lost');
    };
    expect(() => commitNoted(noted, lost)).toThrow('lost');
    expect(judge(host.note, 'of another')).toBe('last');
  });

  it('says nothing of a file that was never noted', () => {
    expect(judge(undefined, 'any')).toBe('unknown');
  });
});
