import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensureExecutable } from '../executable.ts';
import { invoke } from '../fixtures/plugin.ts';
import { callFor, createLab, idOf, type Lab } from './lab.ts';

let lab: Lab;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  lab = await createLab();
});
afterEach(() => lab.dispose());

/** What each of these names leads to. */
async function answers(...names: readonly string[]): Promise<Record<string, readonly string[]>> {
  const found = await Promise.all(names.map(async (name) => [name, await lab.addressesOf(name)] as const));
  return Object.fromEntries(found);
}

describe('names of containers, never stale and never missing,', () => {
  it('answer for all of twenty that start at once, and for none of them when they have ended at once', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `web${index}`);
    const results = await Promise.all(names.map((name) => lab.add(name)));
    const given = results.map(({ ips }) => [ips[0].address.split('/')[0]]);
    expect(await answers(...names)).toEqual(Object.fromEntries(names.map((name, at) => [name, given[at]])));
    expect(await lab.servers()).toHaveLength(1);
    await Promise.all(names.slice(1).map((name) => lab.remove(name)));
    expect(await answers('web0', 'web1.flatnet', 'web19.flatnet')).toEqual({
      web0: given[0],
      'web1.flatnet': [],
      'web19.flatnet': [],
    });
    await lab.remove('web0');
    expect([await lab.servers(), await lab.files()]).toEqual([[], '']);
  });

  it('of three hundred aliases all answer', async () => {
    const aliases = (of: string) => Array.from({ length: 60 }, (_, index) => `${of}-alias-${index}`);
    const names = ['a', 'b', 'c', 'd', 'e'];
    for (const name of names) await lab.add(name, { aliases: [...aliases(name), 'all'] });
    const asked = names.flatMap(aliases);
    const found = await Promise.all(asked.map((name) => lab.addressesOf(name)));
    expect(found.filter((addresses) => addresses.length === 1)).toHaveLength(300);
    expect(await lab.addressesOf('all')).toHaveLength(5);
  });

  it('follow a plugin that is killed at any moment, and one that undoes itself', async () => {
    await lab.add('web');
    const sandbox = await lab.host.addSandbox('late');
    const late = { ...callFor('late'), netns: sandbox.path };
    // From before the lock is taken to after the answer of the server.
    for (const ms of [30, 40, 50, 60, 70, 80, 90, 100, 120, 140]) {
      const under = ['timeout', '--signal=KILL', `${ms / 1000}`];
      await invoke(lab.host, 'ADD', { ...late, under });
      await invoke(lab.host, 'DEL', late);
      expect({ ms, ...(await answers('late.flatnet', 'web')) }).toEqual({
        ms,
        'late.flatnet': [],
        web: ['10.87.1.2'],
      });
    }
    expect(await lab.servers()).toHaveLength(1);
  });

  it('begin anew after a reboot', async () => {
    await lab.add('web');
    await lab.add('db');
    const { host } = lab;
    await host.run(['kill', ...(await lab.servers()).map(String)]);
    await host.run(['rm', '-r', '/run/flatnet', '/run/flatnet-names']);
    for (const name of ['web', 'db']) await lab.box(name).remove();
    await host.run(['ip', 'link', 'del', 'flatnet-br0']);
    await lab.add('cache');
    const address = (await lab.addressesOf('cache'))[0];
    expect(address).toMatch(/^10\.87\.1\.\d+$/);
    expect(await answers('web.flatnet', 'db.flatnet')).toEqual({ 'web.flatnet': [], 'db.flatnet': [] });
  });

  it('stay when the state of the addresses is lost', async () => {
    await lab.add('web', { aliases: ['www'] });
    await lab.host.run(['rm', '-r', '/var/lib/flatnet/ipam']);
    await lab.add('db');
    expect(await answers('web', idOf('web').slice(0, 12), 'db')).toEqual({
      web: ['10.87.1.2'],
      [idOf('web').slice(0, 12)]: ['10.87.1.2'],
      db: ['10.87.1.3'],
    });
    await lab.remove('web');
    expect(await answers('web.flatnet', 'db')).toEqual({ 'web.flatnet': [], db: ['10.87.1.3'] });
  });
});
