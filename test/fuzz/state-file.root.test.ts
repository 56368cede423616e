import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decode } from '../../src/ipam/state/decode.ts';
import { writePage } from '../../src/ipam/state/page.ts';
import { openStore, parsePool, type Allocation } from '../../src/ipam/index.ts';
import { emptyState, free, hold } from '../../src/ipam/state.ts';
import { ensureExecutable } from '../executable.ts';
import { createMachine, expectSuccess, type Machine } from '../faults/machine.ts';
import { FAST_DIRECTORY } from '../ipam/fixtures.ts';
import { damaged } from './damage.ts';

/** `npm run fuzz` sets 100,000. */
const RUNS = Number(process.env['FLATNET_FUZZ_RUNS'] ?? 2_000);
const THROUGH_EXECUTABLE = Math.ceil(RUNS / 100);
/** What a run may take on a machine that has a lot else to do. */
const MS_PER_RUN = 200;
const BOOT = '0f5b3c1e-6f0f-4a63-9b0e-5d1c2b3a4f50';
const TIME = '2026-01-02T03:04:05.000Z';

const pool = parsePool({ network: 'n', ipam: { subnet: '10.2.0.0/24' } });
const attachment = (containerID: string) => ({ network: 'n', containerID, ifname: 'eth0' });

function entry(containerID: string, host: number): Allocation {
  const data = { ports: [8080], note: 'ü' };
  return {
    ...attachment(containerID),
    address: `10.2.0.${host}`,
    prefix: 24,
    hostIfname: `fn${containerID}`,
    time: TIME,
    data,
  };
}

/** Containers that run: their links say so, whatever becomes of the file. */
const LIVE = [entry('alive', 2), entry('well', 4), entry('fine', 5)];
const linkNames = new Set(LIVE.map(({ hostIfname }) => hostIfname));

function healthy(): Buffer {
  const old = entry('old', 9);
  return writePage(free(hold(emptyState(BOOT), [...LIVE, entry('gone', 3), old]), [old], TIME)).content;
}

/** The store of a host on which the links are as they are, and the file is anything. */
const storeIn = (dataDir: string) =>
  openStore({
    dataDir,
    bootId: BOOT,
    holders: () => ({
      isLive: ({ hostIfname }) => linkNames.has(hostIfname),
      isRunning: () => false,
      strays: (known) => LIVE.some(({ hostIfname = '' }) => !known.has(hostIfname)),
    }),
    recover: () => Promise.resolve(LIVE),
  });

describe('a store', () => {
  let dataDir: string;
  beforeAll(() => {
    dataDir = mkdtempSync(join(FAST_DIRECTORY, 'flatnet-fuzz-'));
  });
  afterAll(() => {
    rmSync(dataDir, { recursive: true, force: true });
  });

  async function survives(content: Buffer): Promise<void> {
    rmSync(dataDir, { recursive: true });
    mkdirSync(dataDir, { mode: 0o700 });
    writeFileSync(join(dataDir, 'allocations.json'), content);
    const store = storeIn(dataDir);
    const { allocations } = await store.allocate({ attachment: attachment('new'), pool });
    const held = (await store.list()).filter(({ network }) => network === 'n');
    expect(new Set(held.map(({ address }) => address)).size).toBe(held.length);
    expect(held).toContainEqual(allocations[0]);
    for (const { containerID, address } of LIVE) {
      expect(held).toContainEqual(expect.objectContaining({ containerID, address }));
      expect(await store.release(attachment(containerID))).not.toEqual([]);
    }
    expect(await store.release(attachment('gone'))).toEqual(expect.any(Array));
    const names = readdirSync(dataDir).sort();
    expect(names[0]).toBe('allocations.json');
    expect(decode(readFileSync(store.path)).page).toBeDefined();
    const copies = names.slice(1).map((name) => readFileSync(join(dataDir, name)));
    expect(copies).toEqual(content.equals(healthy()) ? [] : [content]);
  }

  test(`loses nothing by ${RUNS} kinds of damage to its file`, { timeout: RUNS * MS_PER_RUN }, async () => {
    await fc.assert(fc.asyncProperty(damaged(healthy()), survives), { numRuns: RUNS });
  });
});

describe('flatnet', () => {
  const STATE = '/var/lib/flatnet/ipam/allocations.json';
  let machine: Machine;
  beforeAll(async () => {
    await ensureExecutable();
    machine = await createMachine();
  }, 300_000);
  afterAll(() => machine[Symbol.asyncDispose]());

  async function keys(): Promise<readonly string[]> {
    return Object.keys(JSON.parse(await readFile(machine.host.file(STATE), 'utf8')).allocations);
  }

  async function survives(content: Buffer, intact: Buffer): Promise<void> {
    await writeFile(machine.host.file(STATE), content);
    const added = await machine.call('ADD');
    expectSuccess(added);
    expect(await keys()).toEqual(expect.arrayContaining(['flatnet/10.87.1.2', 'flatnet/10.87.1.3']));
    expect(added.document).toMatchObject({ ips: [{ address: '10.87.1.3/24' }] });
    expectSuccess(await machine.call('DEL'));
    expect(await keys()).toContain('flatnet/10.87.1.2');
    expect(await keys()).not.toContain('flatnet/10.87.1.3');
    const copies = await machine.host.run([
      'sh',
      '-c',
      `cat ${STATE}.corrupt-* 2>/dev/null; rm -f ${STATE}.corrupt-*`,
    ]);
    expect(copies).toBe(content.equals(intact) ? '' : content.toString());
  }

  test(
    `attaches and detaches beside a running container, whatever is in its state file (${THROUGH_EXECUTABLE} files)`,
    { timeout: 60_000 + THROUGH_EXECUTABLE * MS_PER_RUN * 25 },
    async () => {
      const neighbour = await machine.host.addSandbox();
      expectSuccess(await machine.call('ADD', { containerID: 'neighbour', netns: neighbour.path }));
      const intact = await readFile(machine.host.file(STATE));
      await chmod(machine.host.file(STATE), 0o600);
      await fc.assert(
        fc.asyncProperty(damaged(intact), (content) => survives(content, intact)),
        { numRuns: THROUGH_EXECUTABLE, endOnFailure: true },
      );
    },
  );
});
