import { describe, expect, it } from 'vitest';
import { abandonedAmong, type Signs } from '../../../src/cli/facts/abandoned.ts';
import type { Allocation } from '../../../src/ipam/types.ts';

const PATH = '/run/netns/netns-709e05cd-ecb2-3c0a-7fb0-7af41c9bb32d';
const ONE: Allocation = {
  network: 'lab',
  containerID: 'ab'.repeat(32),
  ifname: 'eth0',
  address: '10.87.2.2',
  prefix: 24,
  netns: { path: PATH, id: '4:4026532000' },
  time: '2026-01-01T00:00:00.000Z',
};
const SIGNS: Signs = {
  now: new Date('2026-01-01T00:01:01.000Z'),
  known: new Set(['cd'.repeat(32)]),
  occupied: new Set(['4:4026531840']),
  idAt: (path) => (path === PATH ? '4:4026532000' : undefined),
};

describe('abandonedAmong()', () => {
  it('finds what Podman has forgotten, has no process, and is older than a minute', () => {
    expect(abandonedAmong([ONE], SIGNS)).toEqual([ONE]);
    const named = { ...ONE, netns: { path: `/var${PATH}`, id: '4:4026532000' } };
    expect(abandonedAmong([named], { ...SIGNS, idAt: () => '4:4026532000' })).toEqual([named]);
  });

  it.each<[string, object, Partial<Signs>]>([
    ['a container that Podman knows', {}, { known: new Set([ONE.containerID]) }],
    ['a namespace with a process', {}, { occupied: new Set(['4:4026532000']) }],
    ['a container that may be starting', {}, { now: new Date('2026-01-01T00:01:00.000Z') }],
    ['an entry of the future', {}, { now: new Date('2025-12-31T00:00:00.000Z') }],
    ['an entry without a time', { time: 'yesterday' }, {}],
    ['an entry that tells no namespace', { netns: undefined }, {}],
    ['another namespace at the path', {}, { idAt: () => '4:4026532001' }],
    ['no namespace at the path', {}, { idAt: () => undefined }],
    ['a namespace of another engine', { netns: { path: '/run/netns/cni-1', id: '4:4026532000' } }, {}],
    ['a path beside it', { netns: { path: `/run/netns/../..${PATH}`, id: '4:4026532000' } }, {}],
    ['an id of another engine', { containerID: 'default-k1' }, {}],
  ])('leaves %s', (_what, change, signs) => {
    const allocation = { ...ONE, ...change };
    const idAt = () => '4:4026532000';
    expect(abandonedAmong([allocation], { ...SIGNS, idAt, ...signs })).toEqual([]);
  });
});
