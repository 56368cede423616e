import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decode } from '../../../src/ipam/state/decode.ts';
import { writePage } from '../../../src/ipam/state/page.ts';
import { emptyState, rebuild, type State } from '../../../src/ipam/reducers.ts';
import { openStore, parsePool, type Allocation } from '../../../src/ipam/index.ts';
import { hold } from '../../../src/ipam/state.ts';
import { attachment, temporaryDirectory } from '../fixtures.ts';

const BOOT = '0f5b3c1e-6f0f-4a63-9b0e-5d1c2b3a4f50';
const TIME = '2026-01-02T03:04:05.000Z';
const pool = parsePool({ network: 'n', ipam: { subnet: '10.2.0.0/24' } });

function entry(containerID: string, host: number): Allocation {
  return {
    ...attachment(containerID),
    address: `10.2.0.${host}`,
    prefix: 24,
    hostIfname: `fn${containerID}`,
    time: TIME,
  };
}

/** Two containers that run, and one whose link is gone. */
const LIVE = [entry('alive', 2), entry('well', 4)];
const DEAD = entry('gone', 3);
const live = (one: Allocation) => LIVE.some((link) => link.containerID === one.containerID);

function healthy(): State {
  const held = hold(emptyState(BOOT), [...LIVE, DEAD]);
  const memory = { ...attachment('old'), address: '10.2.0.9', time: TIME };
  return { ...held, released: new Map([['n/10.2.0.9', memory]]) };
}

const encode = (state: State): Buffer => writePage(state).content;

function flipped(content: Buffer, index: number, bit: number): Buffer {
  const copy = Buffer.from(content);
  copy[index] = copy[index]! ^ (1 << bit);
  return copy;
}

const storeIn = (dataDir: string) =>
  openStore({
    dataDir,
    bootId: BOOT,
    holders: () => ({ isLive: live, isRunning: () => false }),
    recover: () => Promise.resolve(LIVE),
  });

/** What a host expects of any state file: adds and deletes work, and nobody gets what another one has. */
async function survives(dataDir: string, content: Buffer): Promise<void> {
  const path = join(dataDir, 'allocations.json');
  rmSync(dataDir, { recursive: true, force: true });
  mkdirSync(dataDir, { mode: 0o700 });
  writeFileSync(path, content);
  const store = storeIn(dataDir);
  const { allocations } = await store.allocate({ attachment: attachment('new'), pool });
  expect(LIVE.map((link) => link.address)).not.toContain(allocations[0]?.address);
  const held = await store.list();
  expect(new Set(held.map((one) => one.address)).size).toBe(held.length);
  for (const link of LIVE) {
    expect(held).toContainEqual(
      expect.objectContaining({ address: link.address, containerID: link.containerID }),
    );
  }
  expect(await store.release(attachment('alive'))).toHaveLength(1);
  const copies = readdirSync(dataDir).filter((name) => name.startsWith('allocations.json.corrupt-'));
  expect(copies.map((name) => readFileSync(join(dataDir, name)))).toEqual([content]);
}

describe('a damaged state file', () => {
  it('costs no live address and no delete, wherever it is cut', async () => {
    const content = encode(healthy());
    const dataDir = join(temporaryDirectory(), 'ipam');
    for (let length = 0; length < content.length; length += 1) {
      await survives(dataDir, content.subarray(0, length));
    }
  }, 180_000);

  it('costs no live address and no delete, whichever byte is changed', async () => {
    const content = encode(healthy());
    const dataDir = join(temporaryDirectory(), 'ipam');
    for (let index = 0; index < content.length; index += 1) {
      await survives(dataDir, flipped(content, index, index % 8));
    }
  }, 180_000);

  it('is recognised whichever bit is changed', () => {
    const content = encode(healthy());
    for (let index = 0; index < content.length; index += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        expect(decode(flipped(content, index, bit)).page, `bit ${bit} of byte ${index}`).toBeUndefined();
      }
    }
  });

  it.each([
    ['nothing', ''],
    ['zeros', '\0'.repeat(4096)],
    ['another JSON value', '[]'],
    ['another version', encode(healthy()).toString().replace('"version":1', '"version":2')],
    ['two documents', encode(healthy()).toString().repeat(2)],
    ['keys of the prototype', '{"allocations":{"__proto__":{"x":1},"constructor":{}},"released":7}'],
  ])('may hold %s', async (_, text) => {
    await survives(join(temporaryDirectory(), 'ipam'), Buffer.from(text));
  });
});

describe('decode()', () => {
  it('reads what was written', () => {
    expect(decode(encode(healthy()))).toMatchObject({ page: {}, state: healthy() });
  });

  it('reads what was written, with any text in it', () => {
    const odd = {
      ...entry('a', 2),
      containerName: '},"released":{\n\u2028"\\ü',
      data: { '},"released":{': ['\n'] },
    };
    const state = hold(emptyState('{"'), [odd]);
    expect(decode(encode(state))).toMatchObject({ page: {}, state });
  });

  it('keeps of a hand edit what is an entry still', () => {
    const document = JSON.parse(encode(healthy()).toString());
    document.allocations['n/10.2.0.3'].prefix = 'x';
    document.allocations['n/10.2.0.04'] = document.allocations['n/10.2.0.4'];
    delete document.allocations['n/10.2.0.4'];
    const { page, state } = decode(Buffer.from(JSON.stringify(document, null, 2)));
    expect(page).toBeUndefined();
    expect([...state.allocations.keys()]).toEqual(['n/10.2.0.2']);
    expect(state.bootId).toBe(BOOT);
  });
});

const NOW = '2027-01-01T00:00:00.000Z';

describe('rebuild()', () => {
  it('believes the links where the file says otherwise', () => {
    const file = hold(emptyState(BOOT), [
      entry('thief', 2),
      entry('well', 7),
      { ...entry('alive', 8), ifname: 'eth1', hostIfname: 'fnother' },
    ]);
    const { allocations } = rebuild(file, LIVE, NOW);
    expect([...allocations.values()].map((one) => [one.containerID, one.ifname, one.address])).toEqual([
      ['alive', 'eth0', '10.2.0.2'],
      ['alive', 'eth1', '10.2.0.8'],
      ['well', 'eth0', '10.2.0.4'],
    ]);
  });

  it('drops an entry that has the link of somebody else: its key was damaged', () => {
    const file = hold(emptyState(BOOT), [{ ...entry('alive', 2), network: 'm' }]);
    expect([...rebuild(file, LIVE, NOW).allocations.keys()]).toEqual(['n/10.2.0.2', 'n/10.2.0.4']);
  });

  it('keeps what a link does not carry', () => {
    const details = { containerName: 'web', mac: '02:00:00:00:00:01', data: { ports: [80] } };
    const file = hold(emptyState(BOOT), [{ ...entry('alive', 2), ...details }]);
    const { time: _, ...undated } = entry('alive', 2);
    for (const link of [entry('alive', 2), undated]) {
      const { allocations } = rebuild(file, [link], NOW);
      expect([...allocations.values()]).toEqual([{ ...entry('alive', 2), ...details }]);
    }
  });

  it('takes nothing from an entry of another time, which is of an earlier attachment', () => {
    const earlier = { ...entry('alive', 2), time: '2025-01-01T00:00:00.000Z', data: { ports: [80] } };
    const { allocations } = rebuild(hold(emptyState(BOOT), [earlier]), [entry('alive', 2)], NOW);
    expect([...allocations.values()]).toEqual([entry('alive', 2)]);
  });

  it('enters a link that does not say when it was made as of now', () => {
    const { time: _, ...undated } = entry('alive', 2);
    const { allocations } = rebuild(emptyState(BOOT), [undated], NOW);
    expect([...allocations.values()]).toEqual([{ ...undated, time: NOW }]);
  });
});
