import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore, parsePool, type StoreOptions } from '../../src/ipam/index.ts';
import { attachment, rejected, temporaryDirectory } from './fixtures.ts';

const pool = parsePool({ network: 'n' });

function store(options: StoreOptions = {}) {
  const dataDir = options.dataDir ?? join(temporaryDirectory(), 'ipam');
  const opened = openStore({ bootId: 'boot-1', lockTimeoutMs: 200, ...options, dataDir });
  const add = async (id: string) => {
    const { allocations } = await opened.allocate({ attachment: attachment(id), pool });
    return allocations[0]!.address;
  };
  return { ...opened, dataDir, add };
}

describe('openStore()', () => {
  it('allocates, lists and releases across instances', async () => {
    const { add, dataDir } = store();
    expect([await add('a'), await add('b')]).toEqual(['10.87.1.2', '10.87.1.3']);
    const other = store({ dataDir });
    expect((await other.list()).map((one) => one.containerID)).toEqual(['a', 'b']);
    expect((await other.release(attachment('a'))).map((one) => one.address)).toEqual(['10.87.1.2']);
    expect(await other.release(attachment('a'))).toEqual([]);
    expect((await other.list({ network: 'n' })).map((one) => one.containerID)).toEqual(['b']);
    expect(await other.list({ network: 'm' })).toEqual([]);
  });

  it('remembers who had a free address last, the latest release at the end', async () => {
    const { add, remembered, release, reclaim } = store({ now: () => new Date(0) });
    await add('a');
    await add('b');
    expect(await remembered()).toEqual([]);
    await release(attachment('b'), { containerName: 'db' });
    await release(attachment('a'));
    expect(await remembered({ network: 'n' })).toEqual([
      { ...attachment('b'), address: '10.87.1.3', containerName: 'db', time: '1970-01-01T00:00:00.000Z' },
      { ...attachment('a'), address: '10.87.1.2', time: '1970-01-01T00:00:00.000Z' },
    ]);
    expect(await remembered({ network: 'm' })).toEqual([]);
    expect(await reclaim()).toEqual([]);
  });

  it('remembers for a container what a reboot took away', async () => {
    const { add, dataDir } = store();
    await add('a');
    const later = store({ dataDir, bootId: 'boot-2' });
    expect((await later.remembered()).map(({ containerID, address }) => [containerID, address])).toEqual([
      ['a', '10.87.1.2'],
    ]);
  });

  it('writes JSON whose number of allocations is the number of addresses in use, for the owner alone', async () => {
    const { add, dataDir, path } = store();
    await add('a');
    const document = JSON.parse(readFileSync(path, 'utf8'));
    expect(Object.keys(document.allocations)).toEqual(['n/10.87.1.2']);
    expect(document).toMatchObject({ version: 1, bootId: 'boot-1' });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    expect(readdirSync(dataDir)).toEqual(['allocations.json']);
  });

  it('gives 20 concurrent callers of one process an address each', async () => {
    const { add } = store({ lockTimeoutMs: 10_000 });
    const addresses = await Promise.all(Array.from({ length: 20 }, (_, index) => add(`c${index}`)));
    expect(new Set(addresses).size).toBe(20);
  });

  it('makes nothing when there is nothing to free', async () => {
    const dataDir = join(temporaryDirectory(), 'none');
    const { release, retain, list } = store({ dataDir });
    expect([await release(attachment('a')), await retain('n', []), await list()]).toEqual([[], [], []]);
    expect(() => statSync(dataDir)).toThrow('ENOENT');
  });

  it('frees what the runtime no longer knows', async () => {
    const { add, retain, list } = store();
    await add('a');
    await add('b');
    expect((await retain('n', [{ containerID: 'b', ifname: 'eth0' }])).map((one) => one.containerID)).toEqual(
      ['a'],
    );
    expect(await retain('m', [])).toEqual([]);
    expect(await list()).toHaveLength(1);
  });

  it('frees dead holders on demand, and only says so in a dry run', async () => {
    const dead = new Set(['a']);
    const holders = {
      isLive: (one: { containerID: string }) => !dead.has(one.containerID),
      isRunning: () => false,
    };
    const { add, reclaim, list } = store({ holders: () => holders });
    await add('a');
    await add('b');
    expect(await reclaim({ dryRun: true })).toHaveLength(1);
    expect(await list()).toHaveLength(2);
    expect((await reclaim()).map((one) => one.containerID)).toEqual(['a']);
    expect(await list()).toHaveLength(1);
  });

  it('changes what is remembered with an address', async () => {
    const { add, update, list } = store();
    await add('a');
    expect(await update(attachment('a'), { mac: '02:00:00:00:00:01', data: { ports: [80] } })).toHaveLength(
      1,
    );
    expect(await list()).toMatchObject([
      { address: '10.87.1.2', mac: '02:00:00:00:00:01', data: { ports: [80] } },
    ]);
    expect(await update(attachment('z'), { mac: 'x' })).toEqual([]);
  });

  it('lets a process take an attachment over, unless another one is making it', async () => {
    const [maker, taker] = [10, 20].map((pid) => ({ pid, startTime: String(pid) }));
    const running = new Set([maker]);
    const isRunning = ({ pid }: { pid: number }) => [...running].some((one) => one?.pid === pid);
    const { allocate, update, release } = store({ holders: () => ({ isLive: () => false, isRunning }) });
    await allocate({ attachment: attachment('a'), pool, creator: maker! });
    expect((await rejected(update(attachment('a'), { creator: taker! }))).kind).toBe('busy');
    running.clear();
    expect(await update(attachment('a'), { creator: taker! })).toMatchObject([{ creator: taker }]);
    running.add(taker);
    // What it took over is alive for everybody else as long as it runs.
    expect((await rejected(release(attachment('a')))).kind).toBe('busy');
    expect(await release(attachment('a'), { creator: taker! })).toHaveLength(1);
  });

  it('frees every address of another boot on first use and remembers whose it was', async () => {
    const { add, dataDir } = store();
    await add('a');
    const second = await add('b');
    const after = store({ dataDir, bootId: 'boot-2' });
    expect(await after.list()).toEqual([]);
    expect(await after.add('b')).toBe(second);
    expect(await after.list()).toHaveLength(1);
  });

  it('rebuilds a missing file from the links of the host', async () => {
    const link = { ...attachment('a'), address: '10.87.1.2', prefix: 24, time: '2026-01-01T00:00:00.000Z' };
    const { add, list } = store({ recover: () => Promise.resolve([link]) });
    expect(await add('b')).toBe('10.87.1.3');
    expect((await list()).map((one) => one.containerID).sort()).toEqual(['a', 'b']);
  });

  it('repairs a missing file on demand, with its directory, and leaves one in order as it is', async () => {
    const dataDir = join(temporaryDirectory(), 'ipam');
    const link = { ...attachment('a'), address: '10.87.1.2', prefix: 24, time: '2026-01-01T00:00:00.000Z' };
    const { repair, list, path } = store({ dataDir, recover: () => Promise.resolve([link]) });
    await repair();
    const { mtimeMs } = statSync(path);
    expect((await list()).map((one) => one.containerID)).toEqual(['a']);
    await repair();
    expect(statSync(path).mtimeMs).toBe(mtimeMs);
  });

  it('sets a damaged file aside and keeps what it says', async () => {
    const { add, path, dataDir } = store();
    await add('a');
    await add('b');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.slice(0, text.indexOf('n/10.87.1.3')));
    expect(await add('c')).toBe('10.87.1.3');
    const copy = readdirSync(dataDir).find((name) => name.startsWith('allocations.json.corrupt-'));
    expect(readFileSync(join(dataDir, copy!), 'utf8')).toBe(text.slice(0, text.indexOf('n/10.87.1.3')));
    expect(JSON.parse(readFileSync(path, 'utf8')).allocations).toHaveProperty(['n/10.87.1.2']);
  });

  it('lets a hand edit stand where it contradicts nothing, and brings back a live entry that was removed', async () => {
    const { add, path, dataDir } = store();
    await add('orphan');
    await add('alive');
    const document = JSON.parse(readFileSync(path, 'utf8'));
    const alive = document.allocations['n/10.87.1.3'];
    document.allocations = {};
    writeFileSync(path, JSON.stringify(document, null, 2));
    const edited = store({ dataDir, recover: () => Promise.resolve([alive]) });
    expect(await edited.release(attachment('nobody'))).toEqual([]);
    expect((await edited.list()).map((one) => one.containerID)).toEqual(['alive']);
  });

  it('rebuilds when the host has links the file does not know', async () => {
    const link = {
      ...attachment('a'),
      address: '10.87.1.3',
      prefix: 24,
      hostIfname: 'fn1',
      time: '2026-01-01T00:00:00Z',
    };
    const holders = {
      isLive: () => true,
      isRunning: () => false,
      strays: (known: ReadonlySet<string>) => !known.has('fn1'),
    };
    const { dataDir } = store();
    const { add } = store({ dataDir, holders: () => holders, recover: () => Promise.resolve([link]) });
    await store({ dataDir }).add('z');
    expect(await add('b')).toBe('10.87.1.4');
  });

  it('compares the same content with the host once, and what another process wrote again', async () => {
    let compared = 0;
    const strays = () => {
      compared += 1;
      return false;
    };
    const { add, list, dataDir } = store({
      holders: () => ({ isLive: () => true, isRunning: () => false, strays }),
    });
    const other = store({ dataDir });
    await other.add('a');
    await list();
    await add('b');
    await list();
    expect(compared).toBe(1);
    await other.add('c');
    expect(await list()).toHaveLength(3);
    expect(compared).toBe(2);
  });

  it('refuses a symbolic link in place of directory or file, and touches nothing behind it', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'target'), 'secret');
    mkdirSync(join(directory, 'ipam'), { mode: 0o700 });
    symlinkSync(join(directory, 'target'), join(directory, 'ipam/allocations.json'));
    symlinkSync(join(directory, 'ipam'), join(directory, 'link'));
    expect(await rejected(store({ dataDir: join(directory, 'ipam') }).add('a'))).toMatchObject({
      kind: 'io',
    });
    expect((await rejected(store({ dataDir: join(directory, 'link') }).add('a'))).message).toContain(
      'symbolic link',
    );
    expect(readFileSync(join(directory, 'target'), 'utf8')).toBe('secret');
  });

  it('refuses a directory that others can write', async () => {
    const dataDir = temporaryDirectory();
    chmodSync(dataDir, 0o777);
    expect((await rejected(store({ dataDir }).add('a'))).message).toContain('mode 777');
  });
});
