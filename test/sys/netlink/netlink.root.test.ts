import { type CommandTrace, UNBOUNDED } from '../../../src/sys/context.ts';
import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHost, type Host } from '../../../conformance/host.ts';
import { addAddress, addRoute } from '../../../src/sys/netlink/address-requests.ts';
import { inNetns, SystemCallError } from '../../../src/sys/libc.ts';
import { addVeth, bringUp, deleteLink, findLink } from '../../../src/sys/netlink/link-requests.ts';
import {
  request,
  requestInBackground,
  FLAG,
  type Netlink,
  openNetlink,
  PROTOCOL,
} from '../../../src/sys/netlink/netlink.ts';
import { isRefusal, NetlinkError } from '../../../src/sys/netlink/error.ts';
import { parseAttributes } from '../../../src/sys/netlink/message.ts';

const GET_ADDRESS = { line: 'address show', type: 22, flags: FLAG.dump, body: Buffer.alloc(8) };

let host: Host;
let netnsFd: number;

beforeAll(async () => {
  host = await createHost();
  netnsFd = openSync(`/proc/${host.pid}/ns/net`, 'r');
});
afterAll(async () => {
  closeSync(netnsFd);
  await host.dispose();
});

/** A socket of the throw-away host. */
function there<T>(body: (netlink: Netlink) => T): T {
  using netlink = openNetlink(PROTOCOL.route, UNBOUNDED, netnsFd);
  return body(netlink);
}

const ownNetns = () => readlinkSync('/proc/thread-self/ns/net');
const openFiles = () => readdirSync('/proc/self/fd').length;

function thrownBy(body: () => unknown): unknown {
  try {
    body();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

const bytes = (...numbers: readonly number[]) => Uint8Array.from(numbers);
const TO_NOBODY = {
  family: 4,
  dst: bytes(198, 51, 100, 0),
  prefix: 24,
  gateway: bytes(192, 0, 2, 9),
  metric: undefined,
  mtu: undefined,
  advmss: undefined,
  table: undefined,
  scope: undefined,
  append: false,
} as const;

describe('a request', () => {
  it('is carried out in the namespace that the socket was opened in', () => {
    expect(there((netlink) => findLink(netlink, 'lo'))?.body.readInt32LE(4)).toBe(1);
    expect(there((netlink) => findLink(netlink, 'absent'))).toBeUndefined();
  });

  it('that the kernel refuses is an error with its code, its words and what was asked', () => {
    const route = addRoute({ name: 'lo', index: 1 }, TO_NOBODY, 'route add 198.51.100.0/24 via 192.0.2.9');
    const refused = thrownBy(() => there((netlink) => request(netlink, route)));
    expect(refused).toBeInstanceOf(NetlinkError);
    expect(refused).toMatchObject({
      code: 'ENETUNREACH',
      line: route.line,
      message: `The kernel refused "${route.line}": ENETUNREACH, Nexthop has invalid gateway`,
    });
    expect([isRefusal(refused, 'ENODEV', 'ENETUNREACH'), isRefusal(refused, 'ENODEV')]).toEqual([
      true,
      false,
    ]);
    expect(isRefusal(new Error('ENODEV'), 'ENODEV')).toBe(false);
  });

  it('that the kernel has no words for is an error with its code', () => {
    const refused = thrownBy(() => there((netlink) => request(netlink, deleteLink('absent'))));
    expect(refused).toMatchObject({
      code: 'ENODEV',
      message: 'The kernel refused "link del dev absent": ENODEV',
    });
  });

  it('may follow one that was refused, on the same socket', () => {
    there((netlink) => {
      expect(() => request(netlink, deleteLink('absent'))).toThrow('ENODEV');
      expect(findLink(netlink, 'lo')).toBeDefined();
    });
  });

  it('gets all answers of a dump, however many there are', async () => {
    const lines = Array.from(
      { length: 2000 },
      (_, at) => `address add 10.9.${at >> 8}.${at & 255}/32 dev lo`,
    );
    await host.run(['ip', '-batch', '-'], { input: lines.join('\n') });
    const found = there((netlink) => request(netlink, GET_ADDRESS));
    const shown = JSON.parse(await host.run(['ip', '-j', 'addr', 'show'])) as { addr_info: object[] }[];
    expect(found).toHaveLength(shown.flatMap(({ addr_info: addresses }) => addresses).length);
    await host.run(['ip', '-4', 'address', 'flush', 'dev', 'lo']);
  });

  it('is noted with what it said, how long it took and why it was refused', () => {
    const trace: CommandTrace = { commands: [] };
    using netlink = openNetlink(PROTOCOL.route, { trace }, netnsFd);
    request(netlink, bringUp('lo'));
    expect(() => request(netlink, bringUp('absent'))).toThrow('ENODEV');
    expect(trace.commands).toEqual([
      { command: 'netlink: link set dev lo up', ms: expect.any(Number) },
      {
        command: 'netlink: link set dev absent up',
        ms: expect.any(Number),
        refusal: expect.stringContaining('ENODEV'),
      },
    ]);
  });

  it('can be made aside, and fails there as well', async () => {
    using netlink = openNetlink(PROTOCOL.route, UNBOUNDED, netnsFd);
    await host.run(['ip', 'link', 'add', 'gone0', 'type', 'bridge']);
    expect(await requestInBackground(netlink, deleteLink('gone0'))).toEqual([]);
    await expect(requestInBackground(netlink, deleteLink('gone0'))).rejects.toMatchObject({ code: 'ENODEV' });
  });
});

describe('a veth pair', () => {
  it('has its ends in both namespaces, with their names, addresses and MTU', async () => {
    const sandbox = await host.addSandbox();
    const fd = openSync(host.file(sandbox.path), 'r');
    const end = { name: 'here0', mac: '0e:58:00:00:00:01', mtu: 1400 };
    const peer = { name: 'eth0', mac: '0a:58:0a:57:01:02', mtu: 1300, netnsFd: fd };
    there((netlink) => request(netlink, addVeth(end, peer)));
    closeSync(fd);
    const shown = async (place: Pick<Host, 'run'>, name: string) =>
      JSON.parse(await place.run(['ip', '-j', 'link', 'show', name]))[0];
    expect(await shown(host, 'here0')).toMatchObject({ address: end.mac, mtu: 1400 });
    expect(await shown(sandbox, 'eth0')).toMatchObject({ address: peer.mac, mtu: 1300 });
    there((netlink) => request(netlink, deleteLink('here0')));
    await expect(shown(sandbox, 'eth0')).rejects.toThrow('does not exist');
  });
});

describe('an address', () => {
  it.each([
    { family: 4, address: bytes(10, 8, 0, 2), prefix: 24, broadcast: bytes(10, 8, 0, 255), nodad: false },
    {
      family: 6,
      address: bytes(0xfd, ...Array<number>(14).fill(0), 2),
      prefix: 64,
      broadcast: undefined,
      nodad: true,
    },
  ] as const)('of IPv$family is given as `ip` gives it', async (spec) => {
    await host.run(['ip', 'link', 'add', 'd0', 'type', 'bridge']);
    const index = there((netlink) => findLink(netlink, 'd0'))!.body.readInt32LE(4);
    const shown = () => host.run(['ip', `-${spec.family}`, 'address', 'show', 'dev', 'd0']);
    there((netlink) => request(netlink, addAddress({ name: 'd0', index }, spec, 'address add')));
    const ours = await shown();
    const words = spec.family === 4 ? ['10.8.0.2/24', 'brd', '+'] : ['fd00::2/64', 'nodad'];
    await host.run(['ip', 'address', 'flush', 'dev', 'd0']);
    await host.run(['ip', 'address', 'add', ...words, 'dev', 'd0']);
    expect(ours).toBe(await shown());
    await host.run(['ip', 'link', 'del', 'd0']);
  });
});

describe('a network namespace', () => {
  it('is left again, whether or not what is done in it throws', () => {
    const before = ownNetns();
    const inside = inNetns(netnsFd, ownNetns);
    expect(inside).toBe(readlinkSync(`/proc/${host.pid}/ns/net`));
    expect(inside).not.toBe(before);
    expect(ownNetns()).toBe(before);
    expect(() => inNetns(netnsFd, () => JSON.parse('{'))).toThrow(SyntaxError);
    expect(ownNetns()).toBe(before);
  });

  it('that cannot be entered is an error with its code, and nothing is done', () => {
    const file = openSync('/etc/hostname', 'r');
    let isDone = false;
    const refused = thrownBy(() => inNetns(file, () => (isDone = true)));
    closeSync(file);
    expect(refused).toBeInstanceOf(SystemCallError);
    expect(refused).toMatchObject({ code: 'EINVAL', message: 'System call setns failed: EINVAL' });
    expect(isDone).toBe(false);
  });
});

describe('a socket', () => {
  it('of a family that the kernel does not have is an error with its code', () => {
    expect(thrownBy(() => openNetlink(31, UNBOUNDED))).toMatchObject({ code: 'EPROTONOSUPPORT' });
  });

  it('is closed again, whatever happened', () => {
    const file = openSync('/etc/hostname', 'r');
    const round = () => {
      there((netlink) => findLink(netlink, 'lo'));
      expect(() => there((netlink) => request(netlink, deleteLink('absent')))).toThrow(NetlinkError);
      expect(() => openNetlink(PROTOCOL.route, UNBOUNDED, file)).toThrow(SystemCallError);
      expect(() => openNetlink(31, UNBOUNDED, netnsFd)).toThrow(SystemCallError);
      expect(() => inNetns(netnsFd, () => JSON.parse('{'))).toThrow(SyntaxError);
    };
    round();
    const before = openFiles();
    for (let rounds = 0; rounds < 50; rounds += 1) round();
    expect(openFiles()).toBe(before);
    closeSync(file);
  });

  it('is its own among several that are open at once', () => {
    there((one) => {
      there((other) => {
        const names = [one, other, one].map((netlink) => {
          const body = findLink(netlink, 'lo')?.body ?? Buffer.alloc(16);
          return parseAttributes(body, 16).get(3)?.toString();
        });
        expect(names).toEqual(['lo\0', 'lo\0', 'lo\0']);
      });
    });
  });
});
