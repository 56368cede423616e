import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHost, type Host } from '../../conformance/host.ts';

const SYS = join(import.meta.dirname, '../../src/sys');
const PORT = 8080;
/** What is asked for: all addresses of both families, then one of each kind. */
const ASKED = ['', '0.0.0.0', '127.0.0.1', '127.0.0.2', '::', '::1'];

let host: Host;

beforeAll(async () => {
  host = await createHost();
});
afterAll(() => host.dispose());

/** Which of the addresses a process finds held, by itself and by the tables, after it has run some lines. */
async function held(lines: string, { protocol = 'tcp', flags = [] as string[] } = {}) {
  const script = `
    import { once } from 'node:events';
    import { createServer, connect } from 'node:net';
    import { createSocket } from 'node:dgram';
    import { choosePlain } from '${SYS}/plain/choose.ts';
    import { portProbe, probeByTables } from '${SYS}/port-probe.ts';
    ${lines}
    const where = (address) => ({ protocol: '${protocol}', port: ${PORT}, address: address || undefined });
    const isListening = portProbe({ plain: await choosePlain(undefined) });
    const by = (probe) => ${JSON.stringify(ASKED)}.filter((address) => probe(where(address)));
    console.log(JSON.stringify({ probe: by(isListening), table: by(probeByTables()) }));
    process.exit();`;
  const argv = [process.execPath, ...flags, '--input-type=module', '--eval', script];
  return JSON.parse(await host.run(argv)) as { probe: string[]; table: string[] };
}

const CASES = [
  { holder: '0.0.0.0', held: ['', '0.0.0.0', '127.0.0.1', '127.0.0.2'] },
  { holder: '127.0.0.1', held: ['', '0.0.0.0', '127.0.0.1'] },
  { holder: '::', held: ASKED },
  { holder: '::1', held: ['', '::', '::1'] },
  { holder: '::ffff:127.0.0.1', held: ['', '0.0.0.0', '127.0.0.1'] },
];

describe('portProbe()', () => {
  it.each(['tcp', 'udp'])('finds no %s port held where nothing listens', async (protocol) => {
    expect(await held('', { protocol })).toEqual({ probe: [], table: [] });
  });

  it.each(CASES)(
    'finds a TCP port on $holder held, whichever way it looks',
    async ({ holder, held: expected }) => {
      const lines = `await once(createServer().listen(${PORT}, '${holder}'), 'listening');`;
      expect(await held(lines)).toEqual({ probe: expected, table: expected });
    },
  );

  it.each(CASES)(
    'finds a UDP port on $holder held, whichever way it looks',
    async ({ holder, held: expected }) => {
      const type = holder.includes(':') ? 'udp6' : 'udp4';
      const lines = `await once(createSocket('${type}').bind(${PORT}, '${holder}'), 'listening');`;
      expect(await held(lines, { protocol: 'udp' })).toEqual({ probe: expected, table: expected });
    },
  );

  it('leaves IPv4 to others where a socket is one of IPv6 alone', async () => {
    const lines = `await once(createServer().listen({ port: ${PORT}, host: '::', ipv6Only: true }), 'listening');`;
    expect((await held(lines)).probe).toEqual(['', '::', '::1']);
  });

  it('finds a port free that has only connections of a server which has ended', async () => {
    const lines = `
      const server = createServer((peer) => peer.end()).listen(${PORT}, '127.0.0.1');
      await once(server, 'listening');
      const client = connect(${PORT}, '127.0.0.1');
      await once(client.resume(), 'close');
      server.close();
      await once(server, 'close');`;
    expect(await held(lines)).toEqual({ probe: [], table: [] });
    expect(await host.run(['cat', '/proc/net/tcp'])).toContain(':1F90 ');
  });

  it('finds held ports on a Node without node:ffi', async () => {
    const lines = `await once(createServer().listen(${PORT}, '127.0.0.1'), 'listening');`;
    const expected = ['', '0.0.0.0', '127.0.0.1'];
    expect((await held(lines, { flags: ['--no-experimental-ffi'] })).probe).toEqual(expected);
  });

  it('says of an address that the host does not have, and of SCTP, that nothing listens', async () => {
    const lines = `
      await once(createServer().listen(${PORT}, '0.0.0.0'), 'listening');
      for (const where of [{ protocol: 'tcp', address: '198.51.100.1' }, { protocol: 'sctp' }])
        if (portProbe({})({ ...where, port: ${PORT} })) throw new Error(JSON.stringify(where));`;
    await held(lines);
  });
});
