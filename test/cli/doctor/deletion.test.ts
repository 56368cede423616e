import { describe, expect, it } from 'vitest';
import {
  mayDeleteAddress,
  mayDeleteLink,
  mayDeleteRoute,
  type Surroundings,
} from '../../../src/cli/doctor/deletion.ts';
import type { LinkInfo, RouteInfo } from '../../../src/sys/process/ip.ts';
import { formatAlias } from '../../../src/veth/alias.ts';

const HOST_END = 'fn05pn2w5wlswyn';
const ATTACHMENT = { network: 'flatnet', containerID: 'box', ifname: 'eth0' };

function link(ifname: string, more: Partial<LinkInfo> = {}): LinkInfo {
  return { ifname, flags: ['UP'], mtu: 1500, ...more } as LinkInfo;
}

const address = (cidr: string) => {
  const [local = '', prefixlen = ''] = cidr.split('/');
  return { family: 'inet' as const, local, prefixlen: Number(prefixlen), scope: 'global' };
};
const bridge = (ifname: string, ...cidrs: readonly string[]) =>
  link(ifname, { linkinfo: { info_kind: 'bridge' }, addr_info: cidrs.map(address) });
const port = (ifname: string, master: string) =>
  link(ifname, {
    master,
    linkinfo: { info_kind: 'veth' },
    ifalias: formatAlias({ ...ATTACHMENT, addresses: [], gateways: [] }) ?? '',
  });

interface Case {
  readonly links: readonly LinkInfo[];
  readonly routes?: readonly RouteInfo[];
  readonly netns?: string | undefined;
  readonly occupied?: readonly string[] | undefined;
}

const around = ({ links, routes = [], netns, occupied }: Case): Surroundings => ({
  links,
  routes,
  occupied: occupied === undefined ? undefined : new Set(occupied),
  networks: [{ gateways: ['10.87.1.1/24'], running: [] }],
  states: [
    {
      allocations: [
        {
          ...ATTACHMENT,
          address: '10.87.1.2',
          prefix: 24,
          hostIfname: HOST_END,
          time: '',
          ...(netns === undefined ? {} : { netns: { path: '/run/netns/x', id: netns } }),
        },
      ],
    },
  ],
});

const OWN_ROUTE = { dst: '10.87.1.0/24', dev: 'flatnet-br0', protocol: 'kernel' };
const PAIR = {
  links: [bridge('flatnet-br0', '10.87.1.1/24'), port(HOST_END, 'flatnet-br0')],
  routes: [OWN_ROUTE],
};

describe('mayDeleteLink()', () => {
  it.each<[string, string, Case, boolean]>([
    ['a bridge with ports of containers alone', 'flatnet-br0', PAIR, true],
    ['a bridge that is not there', 'flatnet-br1', PAIR, false],
    [
      'a bridge with the port of a machine',
      'flatnet-br0',
      { links: [...PAIR.links, link('vnet0', { master: 'flatnet-br0' })] },
      false,
    ],
    ['a bridge with an address of its own', 'br0', { links: [bridge('br0', '192.0.2.5/24')] }, false],
    [
      'a bridge with the default route',
      'flatnet-br0',
      { ...PAIR, routes: [{ dst: 'default', gateway: '10.87.1.9', dev: 'flatnet-br0' }] },
      false,
    ],
    [
      'a bridge with the default route of IPv6',
      'flatnet-br0',
      { ...PAIR, routes: [{ dst: 'default', gateway: 'fe80::1', dev: 'flatnet-br0', protocol: 'ra' }] },
      false,
    ],
    [
      'a bridge with a route of a VPN',
      'flatnet-br0',
      { ...PAIR, routes: [{ dst: '10.9.0.0/16', dev: 'flatnet-br0', protocol: 'static' }] },
      false,
    ],
    [
      'the uplink',
      'eth0',
      { links: [link('eth0')], routes: [{ dst: 'default', dev: 'eth0', protocol: 'dhcp' }] },
      false,
    ],
    ['a card without a route', 'eth1', { links: [link('eth1')] }, false],
    [
      "a veth of somebody else's",
      'veth0',
      { links: [link('veth0', { linkinfo: { info_kind: 'veth' } })] },
      false,
    ],
    ['a host end without a process behind it', HOST_END, { ...PAIR, netns: '4:1', occupied: ['4:2'] }, true],
    ['a host end with a process behind it', HOST_END, { ...PAIR, netns: '4:1', occupied: ['4:1'] }, false],
    ['a host end whose namespace is not known', HOST_END, { ...PAIR, occupied: [] }, false],
    ['a host end where the processes cannot be seen', HOST_END, { ...PAIR, netns: '4:1' }, false],
  ])('%s', (_what, ifname, host, expected) => {
    expect(mayDeleteLink(around(host), ifname)).toBe(expected);
  });
});

describe('mayDeleteAddress()', () => {
  it.each<[string, Case, boolean]>([
    ['a bridge of containers', PAIR, true],
    [
      'a bridge with a card in it',
      { links: [...PAIR.links, link('eth1', { master: 'flatnet-br0' })] },
      false,
    ],
    [
      'a bridge by which a default route leaves',
      { ...PAIR, routes: [{ dst: 'default', dev: 'flatnet-br0' }] },
      false,
    ],
    ['no bridge', { links: [] }, false],
  ])('%s', (_what, host, expected) => {
    expect(mayDeleteAddress(around(host), 'flatnet-br0')).toBe(expected);
  });
});

describe('mayDeleteRoute()', () => {
  const gateway = { dst: 'default', gateway: '192.0.2.1', dev: 'eth0' };
  it.each<[string, RouteInfo, boolean]>([
    ['of a VPN, by hand', { dst: '10.8.0.0/16', dev: 'tun0' }, true],
    ['static', { dst: '10.8.0.0/16', gateway: '192.0.2.7', dev: 'eth0', protocol: 'static' }, true],
    ['IPv6, by hand', { dst: 'fd00:8::/64', dev: 'tun0', protocol: 'boot' }, true],
    [
      'of the kernel, for an address of this host',
      { dst: '192.0.2.0/24', dev: 'eth0', protocol: 'kernel' },
      false,
    ],
    ['of DHCP', { dst: '10.8.0.0/16', gateway: '192.0.2.1', dev: 'eth0', protocol: 'dhcp' }, false],
    ['of a router advertisement', { dst: 'fd00:8::/64', dev: 'eth0', protocol: 'ra' }, false],
    ['of a routing daemon', { dst: '10.8.0.0/16', gateway: '192.0.2.7', protocol: 'bird' }, false],
    ['by which the default gateway is found', { dst: '192.0.2.1', dev: 'eth0' }, false],
    ['the default route itself', gateway, false],
  ])('%s', (_what, route, expected) => {
    expect(mayDeleteRoute({ routes: [gateway, route] }, route)).toBe(expected);
  });
});
