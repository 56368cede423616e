import { describe, expect, it } from 'vitest';
import { parseAttributes } from '../../src/sys/netlink/message.ts';
import { isDefaultRoute, planPair, planSandbox } from '../../src/veth/plan.ts';

describe('planPair()', () => {
  const spec = {
    hostIfname: 'fn0000000000000',
    hostMac: '0e:58:00:00:00:01',
    ifname: 'eth0',
    bridge: { name: 'br0', index: 7 },
    mac: '0a:58:0a:57:01:02',
    mtu: 1400,
    alias: 'flatnet/1;net=a',
    hairpin: false,
    isolated: false,
    netnsFd: 3,
    hasIPv6: true,
  };

  it('makes the peer in the sandbox at once, under its final name', () => {
    expect(planPair(spec).map(({ line }) => line)).toEqual([
      'link add name fn0000000000000 address 0e:58:00:00:00:01 mtu 1400 type veth peer name eth0 address 0a:58:0a:57:01:02 mtu 1400 netns /proc/self/fd/3',
      'link set dev fn0000000000000 alias flatnet/1;net=a addrgenmode none master br0 up',
    ]);
  });

  it('says nothing about IPv6 to a kernel that does not have it', () => {
    const [, port] = planPair({ ...spec, hasIPv6: false });
    expect(port?.line).toBe('link set dev fn0000000000000 alias flatnet/1;net=a master br0 up');
    const families = 26;
    expect(parseAttributes(Buffer.from(port!.body), 16).has(families)).toBe(false);
    expect(parseAttributes(Buffer.from(planPair(spec)[1]!.body), 16).has(families)).toBe(true);
  });

  it('turns hairpin and isolation on where they are asked for, together', () => {
    const [, , flags] = planPair({ ...spec, hairpin: true, isolated: true });
    expect(flags?.line).toBe('link set dev fn0000000000000 type bridge_slave hairpin on isolated on');
  });

  it('turns hairpin on where it is asked for', () => {
    expect(planPair({ ...spec, hairpin: true }).at(-1)?.line).toBe(
      'link set dev fn0000000000000 type bridge_slave hairpin on',
    );
  });
});

const ETH0 = { name: 'eth0', index: 2 };

describe('planSandbox()', () => {
  it('brings the interface up before it adds routes', () => {
    const lines = planSandbox(
      ETH0,
      [{ family: 4, address: '10.0.0.2', prefix: 24 }],
      [{ dst: '0.0.0.0/0', gw: '10.0.0.1' }],
    );
    expect(lines.map(({ line }) => line)).toEqual([
      'address add 10.0.0.2/24 brd + dev eth0',
      'link set dev eth0 up',
      'route append 0.0.0.0/0 via 10.0.0.1 dev eth0',
    ]);
  });

  it('does not wait for duplicate address detection', () => {
    expect(planSandbox(ETH0, [{ family: 6, address: 'fd00::2', prefix: 64 }], [])[0]?.line).toBe(
      'address add fd00::2/64 dev eth0 nodad',
    );
  });

  it('puts a route of IPv4 behind an equal one, which IPv6 refuses', () => {
    const last = (dst: string) => planSandbox(ETH0, [], [{ dst }]).at(-1)?.line;
    expect(last('10.0.0.0/8')).toBe('route append 10.0.0.0/8 dev eth0');
    expect(last('::/0')).toBe('route add ::/0 dev eth0');
  });

  it('passes every field of a route', () => {
    const route = {
      dst: '192.0.2.0/24',
      gw: '10.0.0.9',
      mtu: 1300,
      advmss: 1200,
      priority: 7,
      table: 50,
      scope: 0,
    };
    expect(planSandbox(ETH0, [], [route]).at(-1)?.line).toBe(
      'route append 192.0.2.0/24 via 10.0.0.9 dev eth0 metric 7 mtu 1300 advmss 1200 table 50 scope 0',
    );
  });
});

describe('isDefaultRoute()', () => {
  it.each(['0.0.0.0/0', '::/0'])('is true for %s', (dst) => {
    expect(isDefaultRoute(dst)).toBe(true);
  });

  it.each(['0.0.0.0/1', '10.0.0.0/8', 'fd00::/8'])('is false for %s', (dst) => {
    expect(isDefaultRoute(dst)).toBe(false);
  });
});
