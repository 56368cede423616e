import { describe, expect, it } from 'vitest';
import { allocate } from '../../src/ipam/allocate.ts';
import { parsePool } from '../../src/ipam/config/config.ts';
import { enterBoot, release } from '../../src/ipam/release.ts';
import { emptyState, RELEASED_LIMIT, type State } from '../../src/ipam/state.ts';
import type { AllocateRequest } from '../../src/ipam/types.ts';
import { attachment, caught, viewOf } from './fixtures.ts';

const NOW = '2026-01-02T03:04:05.000Z';
const SMALL = { subnet: '10.2.0.0/29' }; // gateway .1, containers .2 to .6
const DUAL = { ranges: [[{ subnet: '10.2.0.0/24' }], [{ subnet: 'fd00::/64' }]] };

/** Keeps a state and allocates in it, as the store does. */
function host(ipam?: unknown) {
  const dead: string[] = [];
  const running: number[] = [];
  let state: State = emptyState('boot-1');
  const add = (id: string, extra: Partial<AllocateRequest> = {}) => {
    const request = { attachment: attachment(id), pool: parsePool({ network: 'n', ipam }), ...extra };
    const outcome = allocate(state, request, viewOf({ dead, running }));
    state = outcome.state;
    return { ...outcome, addresses: outcome.allocations.map((allocation) => allocation.address) };
  };
  return {
    dead,
    running,
    add,
    address: (id: string, extra: Partial<AllocateRequest> = {}) => add(id, extra).addresses[0],
    del: (id: string, ifname = 'eth0') => {
      state = release(state, { attachment: attachment(id, ifname) }, viewOf({ dead, running })).state;
    },
    reboot: (bootId: string) => {
      state = enterBoot(state, bootId, NOW);
    },
    state: () => state,
  };
}

describe('allocate()', () => {
  it('gives the first three containers .2 .3 .4', () => {
    const { address } = host();
    expect(['a', 'b', 'c'].map((id) => address(id))).toEqual(['10.87.1.2', '10.87.1.3', '10.87.1.4']);
  });

  it('says prefix, gateway and what the caller wants remembered', () => {
    const netns = { path: '/run/netns/x', id: '4:42' };
    const creator = { pid: 7, startTime: '9' };
    const details = {
      containerName: 'web',
      hostIfname: 'fn1',
      mac: '02:00:00:00:00:01',
      netns,
      creator,
      data: { a: 1 },
    };
    expect(host().add('a', details).allocations).toEqual([
      { ...attachment('a'), ...details, address: '10.87.1.2', prefix: 24, gateway: '10.87.1.1', time: NOW },
    ]);
  });

  it('gives a new container an address never used before one that was released', () => {
    const { address, del } = host(SMALL);
    address('a');
    del('a');
    expect(address('b')).toBe('10.2.0.3');
  });

  it('gives the lowest address never used again after it was forgotten, or was kept for another', () => {
    const pool = parsePool({
      network: 'n',
      ipam: { subnet: '10.2.0.0/16', reservations: { db: '10.2.0.3' } },
    });
    const { address, del } = host();
    expect(['a', 'b'].map((id) => address(id, { pool }))).toEqual(['10.2.0.2', '10.2.0.4']);
    expect(address('c', { pool, containerName: 'db', attachment: attachment('c', 'eth1') })).toBe('10.2.0.3');
    const others = Array.from({ length: RELEASED_LIMIT }, (_, index) => `x${index}`);
    others.forEach((id) => address(id, { pool }));
    del('a');
    others.forEach((id) => {
      del(id);
    });
    expect(address('new', { pool })).toBe('10.2.0.2');
  });

  it('gives the address that is free for longest once all have been used', () => {
    const { address, del } = host(SMALL);
    ['a', 'b', 'c', 'd', 'e'].forEach((id) => address(id));
    ['c', 'a', 'b'].forEach((id) => {
      del(id);
    });
    expect(['x', 'y', 'z'].map((id) => address(id))).toEqual(['10.2.0.4', '10.2.0.2', '10.2.0.3']);
  });

  it('gives a container its old address back, by id and interface', () => {
    const { address, del } = host();
    address('a');
    const second = address('b');
    del('a');
    del('b');
    address('c');
    expect(address('b')).toBe(second);
  });

  it('gives a recreated container of the same name its old address back', () => {
    const { address, del } = host();
    address('a', { containerName: 'db' });
    const web = address('b', { containerName: 'web' });
    del('b');
    del('a');
    expect(address('c', { containerName: 'web' })).toBe(web);
  });

  it('tells the interfaces of one name apart', () => {
    const { address, del } = host();
    const web = (id: string, ifname: string) => ({
      containerName: 'web',
      attachment: attachment(id, ifname),
    });
    const one = address('a', web('a', 'eth0'));
    const two = address('a', web('a', 'eth1'));
    del('a', 'eth0');
    del('a', 'eth1');
    expect(address('b', web('b', 'eth0'))).toBe(one);
    expect(address('b', web('b', 'eth1'))).toBe(two);
  });

  it('lets another container have a remembered address when nothing else is left', () => {
    const { address, del } = host({ subnet: '10.2.0.0/30' });
    address('a', { containerName: 'web' });
    del('a');
    expect(address('b')).toBe('10.2.0.2');
    expect(caught(() => address('c', { containerName: 'web' })).kind).toBe('exhausted');
  });

  it('gives the address back after a reboot, by name', () => {
    const { address, reboot, state } = host();
    address('a');
    const web = address('b', { containerName: 'web' });
    reboot('boot-2');
    expect(state().allocations.size).toBe(0);
    expect(address('z', { containerName: 'web' })).toBe(web);
  });

  it('refuses a second time in the same sandbox and leaves the first alone', () => {
    const { address, state } = host();
    address('a', { netns: { path: '/run/netns/x', id: '4:42' } });
    const before = state();
    expect(caught(() => address('a', { netns: { path: '/proc/7/ns/net', id: '4:42' } }))).toMatchObject({
      kind: 'duplicate',
      message: 'Cannot allocate for eth0 of container "a" in network "n": it has 10.87.1.2 already',
    });
    expect(state()).toBe(before);
  });

  it('takes its own addresses over in another sandbox', () => {
    const { add } = host();
    const first = add('a', { netns: { path: '/run/netns/x', id: '4:42' } });
    const second = add('a', { netns: { path: '/run/netns/y', id: '4:43' } });
    expect(second.addresses).toEqual(first.addresses);
    expect(second.replaced).toEqual(first.allocations);
  });

  it('takes its own addresses over when its old link is gone', () => {
    const { add, dead } = host();
    const first = add('a');
    dead.push('a');
    expect(add('a')).toMatchObject({ addresses: first.addresses, replaced: first.allocations });
  });

  it('says busy while another process makes the same attachment', () => {
    const { address, dead, running } = host();
    address('a', { creator: { pid: 7, startTime: '1' } });
    dead.push('a');
    running.push(7);
    expect(caught(() => address('a')).kind).toBe('busy');
    running.pop();
    expect(address('a')).toBe('10.87.1.2');
  });

  it('is not undone by another process while it goes on', () => {
    const { add, del, dead, running } = host();
    add('a', { creator: { pid: 7, startTime: '1' } });
    dead.push('a');
    running.push(7);
    expect(
      caught(() => {
        del('a');
      }),
    ).toMatchObject({
      kind: 'busy',
      message: 'Cannot release for eth0 of container "a" in network "n": process 7 is attaching it right now',
    });
    running.pop();
    del('a');
    expect(add('b', { requested: ['10.87.1.2'] }).reclaimed).toEqual([]);
  });

  it('reclaims dead holders when nothing is left, all of the network at once', () => {
    const { add, dead } = host(SMALL);
    ['a', 'b', 'c', 'd', 'e'].forEach((id) => add(id));
    dead.push('d', 'b');
    const outcome = add('x');
    expect(outcome.addresses).toEqual(['10.2.0.3']);
    expect(outcome.reclaimed.map((allocation) => allocation.containerID)).toEqual(['b', 'd']);
    expect(add('y').addresses).toEqual(['10.2.0.5']);
  });

  it('never reclaims one that a running process is making', () => {
    const { add, dead, running } = host({ subnet: '10.2.0.0/30' });
    add('a', { creator: { pid: 7, startTime: '1' } });
    dead.push('a');
    running.push(7);
    expect(caught(() => add('b')).kind).toBe('exhausted');
  });

  it('names range, counts and the command that helps when nothing is left', () => {
    const { address } = host({ ...SMALL, reservations: { db: '10.2.0.6' } });
    ['a', 'b', 'c', 'd'].forEach((id) => address(id));
    const error = caught(() => address('e'));
    expect(error.message).toBe('Cannot allocate from 10.2.0.1-10.2.0.6 in network "n": no address left');
    expect(error.details).toContain('4 live, 0 dead, 1 reserved');
    expect(error.details).toContain('flatnet ipam gc');
  });

  it('keeps a reserved address for its container', () => {
    const { address } = host({ ...SMALL, reservations: { db: '10.2.0.2' } });
    expect(address('a', { containerName: 'web' })).toBe('10.2.0.3');
    expect(address('b', { containerName: 'db' })).toBe('10.2.0.2');
    expect(address('b', { containerName: 'db', attachment: attachment('b', 'eth1') })).toBe('10.2.0.4');
    const error = caught(() => address('c', { containerName: 'web', requested: ['10.2.0.2'] }));
    expect(error.kind).toBe('unavailable');
    expect(error.message).toContain('reserved for container "db"');
  });

  it('gives a reserved address outside the dynamic range', () => {
    const { address } = host({ ...SMALL, rangeEnd: '10.2.0.3', reservations: { db: '10.2.0.6' } });
    expect(address('a', { containerName: 'db' })).toBe('10.2.0.6');
  });

  it('gives a requested address, inside and outside the dynamic range', () => {
    const { address } = host({ ...SMALL, rangeEnd: '10.2.0.3' });
    expect(address('a', { requested: ['10.2.0.3'] })).toBe('10.2.0.3');
    expect(address('b', { requested: ['10.2.0.6/29'] })).toBe('10.2.0.6');
    expect(address('c')).toBe('10.2.0.2');
  });

  it('does not give a static address outside the range back to one that no longer asks for it', () => {
    const { address, del } = host({ ...SMALL, rangeEnd: '10.2.0.3' });
    address('a', { requested: ['10.2.0.6'] });
    del('a');
    expect(address('a')).toBe('10.2.0.2');
  });

  it.each([
    ['10.2.0.1', 'gateway'],
    ['10.2.0.0', 'network or broadcast'],
    ['10.2.0.7', 'network or broadcast'],
    ['10.2.0.4', 'excluded'],
    ['10.3.0.2', '10.2.0.0/29'],
    ['fd00::2', '10.2.0.0/29'],
    ['web', 'address is needed'],
  ])('refuses to give %s on request', (requested, hint) => {
    const { address } = host({ ...SMALL, exclude: ['10.2.0.4'] });
    const error = caught(() => address('a', { requested: [requested] }));
    expect(error).toMatchObject({ kind: 'config', key: 'ips', value: `"${requested}"` });
    expect(error.message).toContain(hint);
  });

  it('names the holder of a requested address', () => {
    const { address } = host();
    address('abc', { containerName: 'web' });
    expect(caught(() => address('b', { requested: ['10.87.1.2'] }))).toMatchObject({
      kind: 'unavailable',
      message: 'Cannot allocate 10.87.1.2 in network "n": container "web" (abc) has it',
      details: `Held by eth0 since ${NOW}. Stop that container, or ask for another address.`,
    });
  });

  it('takes a requested address from a dead holder, and nothing from others', () => {
    const { add, dead } = host();
    add('a');
    add('b');
    dead.push('a', 'b');
    const outcome = add('c', { requested: ['10.87.1.3'] });
    expect(outcome.addresses).toEqual(['10.87.1.3']);
    expect(outcome.reclaimed.map((allocation) => allocation.containerID)).toEqual(['b']);
  });

  it('gives one address per range set, requested ones to the set they lie in', () => {
    const { add } = host(DUAL);
    expect(add('a').addresses).toEqual(['10.2.0.2', 'fd00::2']);
    expect(add('b', { requested: ['fd00::99', '10.2.0.99'] }).addresses).toEqual(['10.2.0.99', 'fd00::99']);
    expect(add('c', { requested: ['fd00::98'] }).addresses).toEqual(['10.2.0.3', 'fd00::98']);
  });

  it('refuses more requested addresses than range sets', () => {
    const error = caught(() => host(DUAL).address('a', { requested: ['10.2.0.5', '10.2.0.6'] }));
    expect(error).toMatchObject({ kind: 'config', key: 'ips', value: '"10.2.0.6"' });
  });

  it('gives nothing when one set has nothing left', () => {
    const { add, state } = host({ ranges: [[{ subnet: '10.2.0.0/24' }], [{ subnet: 'fd00::/127' }]] });
    add('a');
    const before = state();
    expect(caught(() => add('b')).message).toContain('fd00::');
    expect(state()).toBe(before);
  });

  it('falls over to the next range of a set', () => {
    const { address } = host({ ranges: [[{ subnet: '10.2.0.0/30' }, { subnet: '10.3.0.0/24' }]] });
    expect([address('a'), address('b')]).toEqual(['10.2.0.2', '10.3.0.2']);
  });

  it('asks admit with the live allocations of others, before anything is given', () => {
    const { add, dead, state } = host();
    add('a', { data: { port: 80 } });
    add('b', { data: { port: 81 } });
    dead.push('b');
    const seen: unknown[] = [];
    add('c', { admit: (live) => seen.push(...live.map((allocation) => allocation.data)) });
    expect(seen).toContainEqual({ port: 80 });
    expect(seen).not.toContainEqual({ port: 81 });
    const before = state();
    const admit = () => {
      throw new Error('port 80 is taken');
    };
    expect(() => add('d', { admit })).toThrow('port 80 is taken');
    expect(state()).toBe(before);
  });

  it('keeps networks apart', () => {
    const { address } = host();
    address('a');
    const pool = parsePool({ network: 'm', ipam: { allowOverlap: true } });
    const other = { pool, attachment: attachment('b', 'eth0', 'm') };
    expect(address('b', other)).toBe('10.87.1.2');
  });
});

describe('takenBy', () => {
  const takenBy = (address: string) => (address === '10.2.0.2' ? 'a printer' : undefined);

  it('has an address passed over, also by the container that had it before', () => {
    const { address, del } = host(SMALL);
    expect(address('a')).toBe('10.2.0.2');
    del('a');
    expect(address('a', { takenBy })).toBe('10.2.0.3');
  });

  it('has one that is asked for refused, with the words of who has it', () => {
    const error = caught(() => host(SMALL).add('a', { takenBy, requested: ['10.2.0.2'] }));
    expect(error.message).toBe('Cannot allocate 10.2.0.2 in network "n": a printer has it');
  });

  it('is told when nothing is left', () => {
    const error = caught(() => host(SMALL).add('a', { takenBy: () => 'a printer' }));
    expect(error.details).toContain('5 held by others (10.2.0.2 by a printer)');
  });
});
