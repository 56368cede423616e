import { UNBOUNDED } from '../../../src/sys/context.ts';
import { closeSync, openSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host } from '../../../conformance/host.ts';
import { lookAt } from '../../../src/sys/netlink/look.ts';
import type { LinkInfo } from '../../../src/sys/process/ip.ts';
import { PROTOCOL, openNetlink } from '../../../src/sys/netlink/netlink.ts';

let host: Host;
let netnsFd: number;

beforeEach(async () => {
  host = await createHost();
  netnsFd = openSync(`/proc/${host.pid}/ns/net`, 'r');
});
afterEach(async () => {
  closeSync(netnsFd);
  await host.dispose();
});

const look = (name: string) => {
  using netlink = openNetlink(PROTOCOL.route, UNBOUNDED, netnsFd);
  return lookAt(netlink, name);
};

/** What `ip` tells of a link, of that what flatnet wants to know of a bridge. */
async function told(name: string): Promise<unknown> {
  const [link] = JSON.parse(await host.run(['ip', '-j', '-d', 'addr', 'show', 'dev', name])) as LinkInfo[];
  const { ifname, ifindex, flags, mtu, address, linkinfo, addr_info: addresses } = link!;
  return {
    ifname,
    ifindex,
    flags: flags.filter((flag) => ['UP', 'PROMISC'].includes(flag)).sort(),
    mtu,
    address,
    ...(linkinfo === undefined ? {} : { linkinfo: { info_kind: linkinfo.info_kind } }),
    addr_info: (addresses ?? []).map(({ family, local, prefixlen, scope }) => ({
      family,
      local,
      prefixlen,
      scope,
    })),
  };
}

async function expectSame(name: string): Promise<void> {
  const found = look(name);
  expect({ ...found, flags: [...(found?.flags ?? [])].sort() }).toEqual(await told(name));
}

describe('lookAt()', () => {
  it('finds nothing where there is no link of that name', () => {
    expect(look('absent')).toBeUndefined();
  });

  it('tells what `ip` tells of a link without a kind', async () => {
    await expectSame('lo');
  });

  it('tells what `ip` tells of a bridge: kind, MTU, flags, and its addresses of every scope alone', async () => {
    const lines = [
      'link add br0 address 0a:58:0a:57:01:01 mtu 1400 type bridge',
      'link add br1 type bridge',
      'address add 10.87.1.1/24 brd + dev br0',
      'address add 10.88.1.1/16 dev br0',
      'address add 169.254.1.1/32 scope link dev br0',
      'address add 127.9.9.9/8 scope host dev br0',
      'address add fd00:87::1/64 dev br0',
      'address add fec0::1/64 scope site dev br0',
      'address add 10.99.1.1/24 dev br1',
    ];
    await host.run(['ip', '-batch', '-'], { input: lines.join('\n') });
    await expectSame('br0');
    await host.run(['ip', 'link', 'set', 'br0', 'up', 'promisc', 'on']);
    await expectSame('br0');
    expect(look('br0')).toMatchObject({ linkinfo: { info_kind: 'bridge' }, mtu: 1400 });
    expect(look('br0')?.flags).toEqual(expect.arrayContaining(['UP', 'PROMISC']));
  });

  it('tells the address of the near end of a link to a point, and the kind of a veth', async () => {
    await host.run(['ip', 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1']);
    await host.run(['ip', 'address', 'add', '10.1.1.1', 'peer', '10.1.1.2/32', 'dev', 'v0']);
    await expectSame('v0');
    expect(look('v0')?.addr_info?.[0]?.local).toBe('10.1.1.1');
  });
});
