import { describe, expect, it } from 'vitest';
import { allocate } from '../../src/ipam/allocate.ts';
import { networkOf, parseCidr } from '../../src/input/address.ts';
import { parsePool } from '../../src/ipam/config/config.ts';
import { emptyState, hold } from '../../src/ipam/state.ts';
import type { HostRoute } from '../../src/sys/routes.ts';
import { attachment, caught, viewOf } from './fixtures.ts';

function route(text: string, link: string): HostRoute {
  const cidr = parseCidr(text)!;
  return { ...networkOf(cidr), family: cidr.family, prefix: cidr.prefix, link };
}

const request = (ipam: unknown, ...hostRoutes: HostRoute[]) => ({
  attachment: attachment('a'),
  pool: parsePool({ network: 'n', ipam }),
  hostRoutes: () => hostRoutes,
});
const empty = emptyState('boot-1');
const other = (address: string, prefix: number) => ({
  ...attachment('b', 'eth0', 'm'),
  address,
  prefix,
  time: '2026-01-02T03:04:05.000Z',
});

describe('allocate() in a subnet that is used elsewhere', () => {
  it.each(['10.87.1.0/24', '10.87.0.0/16', '10.87.1.7/32'])(
    'refuses a host route to %s, naming both',
    (text) => {
      const error = caught(() => allocate(empty, request({}, route(text, 'tun0')), viewOf({})));
      expect(error).toMatchObject({ kind: 'config', key: 'ipam.ranges', value: '"10.87.1.0/24"' });
      expect(error.message).toContain(`overlaps ${text}, which the host routes through "tun0"`);
      expect(error.message).toContain('"allowOverlap": true');
    },
  );

  it.each([
    ['10.87.2.0/24', {}],
    ['fd00::/8', {}],
    ['10.87.1.0/24', { allowOverlap: true }],
  ])('accepts a host route to %s with %j', (text, ipam) => {
    expect(allocate(empty, request(ipam, route(text, 'tun0')), viewOf({})).allocations).toHaveLength(1);
  });

  it('refuses a subnet that overlaps an address of another network, naming both', () => {
    const state = hold(empty, [other('10.87.1.200', 26)]);
    const error = caught(() => allocate(state, request({}), viewOf({})));
    expect(error.message).toContain('overlaps 10.87.1.192/26 of network "m"');
    expect(allocate(state, request({ allowOverlap: true }), viewOf({})).allocations).toHaveLength(1);
    expect(allocate(state, request({}), viewOf({ dead: ['b'] })).allocations).toHaveLength(1);
  });

  it('does not stop a network that is in use already, and does not ask for routes then', () => {
    const state = allocate(empty, { ...request({}), attachment: attachment('first') }, viewOf({})).state;
    let asked = 0;
    const hostRoutes = () => {
      asked += 1;
      return [route('10.0.0.0/8', 'tun0')];
    };
    expect(allocate(state, { ...request({}), hostRoutes }, viewOf({})).allocations).toHaveLength(1);
    expect(asked).toBe(0);
  });
});
