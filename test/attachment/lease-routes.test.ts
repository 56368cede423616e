import { describe, expect, it } from 'vitest';
import { effectiveRoutes } from '../../src/attachment/lease-routes.ts';
import type { RouteSpec } from '../../src/veth/plan.ts';

const A = { family: 4, address: '10.1.0.2', prefix: 24, gateway: '10.1.0.1' } as const;
const B = { family: 4, address: '10.2.0.2', prefix: 24, gateway: '10.2.0.1' } as const;
const C = { family: 6, address: 'fd00::2', prefix: 64, gateway: 'fd00::1' } as const;
const DEFAULTS = [
  { dst: '0.0.0.0/0', gw: '10.1.0.1' },
  { dst: '::/0', gw: 'fd00::1' },
];

function routes(
  given: readonly RouteSpec[],
  isDefaultGateway = false,
  addresses: readonly any[] = [A, B, C],
) {
  return effectiveRoutes({ addresses, routes: given }, { isDefaultGateway });
}

describe('effectiveRoutes()', () => {
  it('leads through the gateway of the family where a route names none', () => {
    expect(routes([{ dst: '10.99.0.0/16' }, { dst: '2001:db8::/32' }, { dst: '0.0.0.0/0' }])).toEqual([
      { dst: '10.99.0.0/16', gw: '10.1.0.1' },
      { dst: '2001:db8::/32', gw: 'fd00::1' },
      { dst: '0.0.0.0/0', gw: '10.1.0.1' },
    ]);
  });

  it.each([
    ['it names one', { dst: '10.99.0.0/16', gw: '10.1.0.9' }],
    ['its scope is the link', { dst: '10.99.0.0/16', scope: 253 }],
    ['its scope is the host', { dst: '10.99.0.0/16', scope: 254 }],
    ['it is the way to the gateway', { dst: '10.1.0.1/32' }],
  ])('leaves a route as it is where %s', (_what, route) => {
    expect(routes([route])).toEqual([route]);
  });

  it('leaves a route on the link where no gateway is known', () => {
    const { gateway: _gateway, ...bare } = A;
    expect(routes([{ dst: '10.99.0.0/16' }], true, [{ ...bare, gateway: undefined }])).toEqual([
      { dst: '10.99.0.0/16' },
    ]);
  });

  it('adds one default route for each family, however many addresses there are', () => {
    expect(routes([], true)).toEqual(DEFAULTS);
  });

  it('adds none that IPAM gives, and takes one of another table for another route', () => {
    expect(routes([{ dst: '0.0.0.0/0', gw: '10.1.0.9' }], true)).toEqual([
      { dst: '0.0.0.0/0', gw: '10.1.0.9' },
      DEFAULTS[1],
    ]);
    expect(routes([{ dst: '0.0.0.0/0', table: 100 }], true)).toEqual([
      { dst: '0.0.0.0/0', gw: '10.1.0.1', table: 100 },
      ...DEFAULTS,
    ]);
  });
});
