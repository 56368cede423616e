import { describe, expect, it } from 'vitest';
import type { PodmanContainer } from '../../../src/cli/facts/podman.ts';
import { type Known, listMovers } from '../../../src/cli/migrate/containers.ts';
import { parsePool } from '../../../src/ipam/index.ts';
import type { Allocation } from '../../../src/ipam/types.ts';

const POOL = parsePool({
  network: 'lab',
  ipam: {
    ranges: [[{ subnet: '10.87.9.0/24', rangeEnd: '10.87.9.99' }], [{ subnet: 'fd00:87:9::/64' }]],
  },
});

function held(containerID: string, address: string, containerName?: string): Allocation {
  const entry = { network: 'lab', containerID, ifname: 'eth0', address, prefix: 24, time: '' };
  return containerName === undefined ? entry : { ...entry, containerName };
}

function podman(id: string, name: string): PodmanContainer {
  const rest = { image: '', state: 'exited', startedAt: 0, ports: [], portMappings: [] };
  return { id, name, networks: ['lab'], ...rest };
}

const NOTHING: Known = { held: [], dead: [], remembered: [], podman: [] };
const list = (known: Partial<Known>) => listMovers({ ...NOTHING, ...known }, POOL);

describe('listMovers()', () => {
  it('lists what is attached, with all its addresses, in the order of the addresses', () => {
    const entries = [
      held('b', '10.87.9.3', 'db'),
      held('b', 'fd00:87:9::3', 'db'),
      held('a', '10.87.9.2', 'web'),
    ];
    expect(list({ held: entries })).toEqual([
      { name: 'web', id: 'a', addresses: ['10.87.9.2'], state: 'attached', onlyIfAsked: [] },
      { name: 'db', id: 'b', addresses: ['10.87.9.3', 'fd00:87:9::3'], state: 'attached', onlyIfAsked: [] },
    ]);
  });

  it('takes the name of a container from Podman where the addresses do not have it', () => {
    expect(list({ held: [held('a', '10.87.9.2')], podman: [podman('a', 'web')] })).toMatchObject([
      { name: 'web', id: 'a', state: 'attached' },
    ]);
    expect(list({ held: [held('a', '10.87.9.2')] })[0]).not.toHaveProperty('name');
  });

  it('tells what died without being detached: stopped where Podman has it, else gone', () => {
    const entries = [held('a', '10.87.9.2', 'web'), held('b', '10.87.9.3', 'db')];
    expect(list({ held: entries, dead: entries, podman: [podman('a', 'web')] })).toMatchObject([
      { name: 'web', state: 'stopped' },
      { name: 'db', state: 'gone' },
    ]);
  });

  it('finds the addresses of stopped containers among those that are remembered, the latest of each family', () => {
    const remembered = [
      held('a', '10.87.9.2', 'web'),
      held('a', 'fd00:87:9::2', 'web'),
      held('a', '10.87.9.7', 'web'),
      held('c', '10.99.0.1', 'web'),
    ];
    expect(list({ remembered, podman: [podman('a', 'web')] })).toEqual([
      { name: 'web', id: 'a', addresses: ['10.87.9.7', 'fd00:87:9::2'], state: 'stopped', onlyIfAsked: [] },
    ]);
  });

  it('lists further names that addresses are remembered for, and none twice', () => {
    const remembered = [held('x', '10.87.9.4'), held('a', '10.87.9.2', 'web'), held('b', '10.87.9.3', 'old')];
    expect(list({ held: [held('c', '10.87.9.5', 'web')], remembered })).toMatchObject([
      { name: 'web', addresses: ['10.87.9.5'], state: 'attached' },
      { name: 'old', id: 'b', addresses: ['10.87.9.3'], state: 'gone' },
    ]);
  });

  it('says which addresses nobody gets unasked', () => {
    expect(list({ held: [held('a', '10.87.9.200', 'web')] })[0]?.onlyIfAsked).toEqual(['10.87.9.200']);
  });
});
