import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host } from '../../conformance/host.ts';
import { ensureExecutable } from '../executable.ts';
import { attach, invoke, pairs } from '../fixtures/plugin.ts';

const DIRECTORY = '/var/lib/flatnet/ipam';
const CONF = { cniVersion: '1.1.0' };

let host: Host;
beforeAll(ensureExecutable, 300_000);
beforeEach(async () => {
  host = await createHost();
});
afterEach(() => host.dispose());

async function small(options: string): Promise<void> {
  await host.run(['mkdir', '-p', '-m', '700', DIRECTORY]);
  await host.run(['mount', '-t', 'tmpfs', '-o', `mode=0700,${options}`, 'tmpfs', DIRECTORY]);
}

/** Takes all bytes that are left. */
const fill = () => host.exec(['dd', 'if=/dev/zero', `of=${DIRECTORY}/junk`, 'bs=4k']);

const status = () => invoke(host, 'STATUS', { conf: CONF });

/** What breaks a data directory, and what STATUS and ADD say of it. */
const BROKEN: readonly (readonly [string, () => Promise<unknown>, string])[] = [
  ['no byte is free', () => small('size=64k').then(fill), 'ENOSPC'],
  ['no inode is free', () => small('size=64k,nr_inodes=1'), 'ENOSPC'],
  ['one inode is free, and two are needed', () => small('size=64k,nr_inodes=2'), 'ENOSPC'],
  ['the file system is read-only', () => small('ro'), 'EROFS'],
  [
    'a file is in the place of the directory',
    () => host.run(['sh', '-c', `mkdir -p /var/lib/flatnet; echo >${DIRECTORY}`]),
    'is not a directory',
  ],
];

describe('STATUS', () => {
  it.each(BROKEN)('says no where %s, as ADD does, which leaves nothing', async (_, break_, words) => {
    await break_();
    const { exitCode, json } = await status();
    expect([exitCode, json.code]).toEqual([1, 50]);
    expect(json.msg).toContain(words);
    const box = await host.addSandbox('box');
    const added = await invoke(host, 'ADD', { conf: CONF, netns: box.path });
    expect([added.exitCode, added.json.code]).toEqual([1, 5]);
    expect(added.json.msg).toContain(words);
    expect(await pairs(host)).toEqual([]);
    expect((await invoke(host, 'DEL', { conf: CONF, netns: box.path })).exitCode).toBe(0);
  });

  it('says no where the disk is full but for less than an entry, and DEL succeeds there', async () => {
    await small('size=64k');
    await attach(host, await host.addSandbox('first'), { conf: CONF });
    expect((await status()).exitCode).toBe(0);
    await fill();
    expect((await status()).json).toMatchObject({ code: 50 });
    expect((await invoke(host, 'DEL', { conf: CONF })).exitCode).toBe(0);
    expect(await pairs(host)).toEqual([]);
  });

  it('leaves the data directory as it is', async () => {
    await attach(host, await host.addSandbox('first'), { conf: CONF });
    const look = () => host.run(['sh', '-c', `ls -A ${DIRECTORY}; cat ${DIRECTORY}/allocations.json`]);
    const before = await look();
    expect((await status()).exitCode).toBe(0);
    expect(await look()).toBe(before);
  });
});
