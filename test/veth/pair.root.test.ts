import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { isPointless } from '../plain/way.ts';
import { ensureExecutable } from '../executable.ts';
import { attach, invoke, pairs } from '../fixtures/plugin.ts';
import { reaches } from '../fixtures/traffic.ts';

let host: Host;
let sandbox: Sandbox;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
  sandbox = await host.addSandbox();
});
afterEach(() => host.dispose());

/** The host end, as `ip` tells it. */
async function hostEnd(): Promise<any> {
  const [name = ''] = await pairs(host);
  const shown = async (what: string) =>
    JSON.parse(await host.run(['ip', '-j', '-d', what, 'show', 'dev', name]))[0];
  return { ...(await shown('addr')), ...(await shown('link')) };
}

describe('the host end of a pair', () => {
  it('is a named port of the bridge, up, and without an address of its own', async () => {
    await attach(host, sandbox, { conf: { mtu: 1400 } });
    expect(await hostEnd()).toMatchObject({
      master: 'flatnet-br0',
      ifalias: expect.stringContaining('box1'),
      flags: expect.arrayContaining(['UP', 'LOWER_UP']),
      mtu: 1400,
      inet6_addr_gen_mode: 'none',
      linkinfo: { info_kind: 'veth', info_slave_data: { hairpin: false, isolated: false } },
      addr_info: [],
    });
  });

  it.each([
    [{ hairpinMode: true }, { hairpin: true, isolated: false }],
    [{ portIsolation: true }, { hairpin: false, isolated: true }],
    [
      { hairpinMode: true, portIsolation: true },
      { hairpin: true, isolated: true },
    ],
  ])('is with %j a port with %j', async (conf, flags) => {
    await attach(host, sandbox, { conf });
    expect((await hostEnd()).linkinfo.info_slave_data).toMatchObject(flags);
  });

  it('takes the sandbox end with it', async () => {
    await attach(host, sandbox);
    expect((await invoke(host, 'DEL', { netns: sandbox.path })).exitCode).toBe(0);
    expect(await pairs(host)).toEqual([]);
    await expect(sandbox.run(['ip', 'link', 'show', 'eth0'])).rejects.toThrow('does not exist');
  });
});

describe('a pair is made and removed by a kernel', () => {
  it('without IPv6, of which nothing is asked then', async () => {
    await host.run(['mount', '-t', 'tmpfs', 'tmpfs', '/proc/sys/net/ipv6']);
    await attach(host, sandbox);
    expect(await hostEnd()).toMatchObject({ master: 'flatnet-br0', inet6_addr_gen_mode: 'eui64' });
    expect(await reaches(sandbox, '10.87.1.1')).toBe(true);
    expect((await invoke(host, 'DEL')).exitCode).toBe(0);
    expect(await pairs(host)).toEqual([]);
  });

  it.skipIf(isPointless('it opens no netlink socket'))(
    'that knows no option of netlink sockets',
    async () => {
      const under = ['strace', '-o', '/run/trace', '-e', 'inject=setsockopt:error=ENOPROTOOPT'];
      await attach(host, sandbox, { under });
      expect(await host.run(['grep', '-c', 'SOL_NETLINK.*ENOPROTOOPT.*INJECTED', '/run/trace'])).not.toBe(
        '0\n',
      );
      expect(await reaches(sandbox, '10.87.1.1')).toBe(true);
      expect((await invoke(host, 'DEL', { under })).exitCode).toBe(0);
      expect(await pairs(host)).toEqual([]);
    },
  );
});
