import { describe, expect, it } from 'vitest';
import { parseRoutes } from '../../../src/sys/plain/routes.ts';

const LINKS = new Map([
  ['lo', 1],
  ['eth0', 2],
]);
const NOTHING = { gw: undefined, metric: 0, scope: 0, mtu: undefined, advmss: undefined, table: 254 };

/** One object of `ip -N -j -d route show table all`, iproute2 6.1. */
const DEFAULT = {
  type: '1',
  dst: 'default',
  gateway: '10.9.0.1',
  dev: 'eth0',
  table: '254',
  protocol: '3',
  scope: '0',
  metric: 5,
  flags: [],
  metrics: [{ mtu: 1400, advmss: 1300 }],
};

describe('parseRoutes()', () => {
  it('reads every field that flatnet sets', () => {
    expect(parseRoutes([DEFAULT], 4, LINKS)).toEqual([
      {
        dst: '0.0.0.0/0',
        gw: '10.9.0.1',
        link: 2,
        table: 254,
        metric: 5,
        scope: 0,
        mtu: 1400,
        advmss: 1300,
      },
    ]);
  });

  it('gives a route of a single address its prefix, and the default route of IPv6 its own', () => {
    const routes = [
      { type: '1', dst: 'fd00::9', dev: 'eth0', table: '300', metric: 1024 },
      { type: '1', dst: 'default', dev: 'eth0', table: '254' },
    ];
    expect(parseRoutes(routes, 6, LINKS)).toEqual([
      { ...NOTHING, dst: 'fd00::9/128', link: 2, table: 300, metric: 1024 },
      { ...NOTHING, dst: '::/0', link: 2 },
    ]);
  });

  it('makes a route through several links one for each, and knows a gateway of the other family', () => {
    const routes = [
      {
        type: '1',
        dst: '10.7.0.0/16',
        nexthops: [
          { gateway: '10.9.0.1', dev: 'eth0' },
          { via: { family: 'inet6', host: 'fe80::1' }, dev: 'lo' },
        ],
      },
    ];
    expect(parseRoutes(routes, 4, LINKS)).toEqual([
      { ...NOTHING, dst: '10.7.0.0/16', gw: '10.9.0.1', link: 2 },
      { ...NOTHING, dst: '10.7.0.0/16', gw: 'fe80::1', link: 1 },
    ]);
  });

  it('leaves out what is no route of unicast, and reads the words of an ip that prints no numbers', () => {
    const routes = [
      { type: '2', dst: '10.9.0.2', dev: 'eth0', table: '255' },
      { type: 'unicast', dst: '10.8.0.0/16', dev: 'eth0', table: 'main', scope: 'link' },
    ];
    expect(parseRoutes(routes, 4, LINKS)).toEqual([{ ...NOTHING, dst: '10.8.0.0/16', link: 2, scope: 253 }]);
  });
});
