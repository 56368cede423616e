import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host } from '../../conformance/host.ts';

const MODULE = join(import.meta.dirname, '../../src/sys/proc.ts');

let host: Host;

beforeEach(async () => {
  host = await createHost();
});

afterEach(() => host.dispose());

/** What an expression says of the host's links. */
async function ask(expression: string, entry: readonly string[] = []): Promise<unknown> {
  const script = `import { hasLink, linkNames } from '${MODULE}'; console.log(JSON.stringify(${expression}));`;
  const argv = [...entry, process.execPath, '--input-type=module', '--eval', script];
  return JSON.parse(await host.run(argv));
}

const LISTED = '[...linkNames()].sort()';

/** Every link that `ip` shows, in the same order. */
async function shown(): Promise<readonly string[]> {
  const links: { ifname: string }[] = JSON.parse(await host.run(['ip', '-json', 'link', 'show']));
  return links.map(({ ifname }) => ifname).sort();
}

describe('linkNames() and hasLink()', () => {
  it('see links without addresses, without IPv6, of the smallest MTU, down, renamed and with dots in their names', async () => {
    await host.run(['ip', 'link', 'add', 'fn1', 'type', 'veth', 'peer', 'name', 'end']);
    await host.run(['ip', 'link', 'set', 'dev', 'fn1', 'mtu', '68']);
    await host.run(['ip', 'link', 'add', 'name', 'br0', 'type', 'bridge']);
    await host.run(['sysctl', '-w', 'net.ipv6.conf.br0.disable_ipv6=1']);
    await host.run(['ip', 'link', 'set', 'dev', 'end', 'name', 'br0.100']);

    const names = await shown();
    expect(names).toEqual(['br0', 'br0.100', 'fn1', 'lo']);
    expect(await ask(LISTED)).toEqual(names);
    expect(await ask(`${JSON.stringify(names)}.filter((name) => hasLink(name))`)).toEqual(names);
    expect(await ask('["end", "all", "default", "fn2"].filter((name) => hasLink(name))')).toEqual([]);
  });

  it('see all of a thousand links', async () => {
    const lines = Array.from({ length: 500 }, (_, n) => `link add fn${n} type veth peer name end${n}`);
    await host.run(['ip', '-batch', '-'], { input: lines.join('\n') });

    expect(await ask(LISTED)).toEqual(await shown());
  });

  it('see a link no more that was removed', async () => {
    await host.run(['ip', 'link', 'add', 'fn1', 'type', 'veth', 'peer', 'name', 'end']);
    expect(await ask('hasLink("fn1")')).toBe(true);

    await host.run(['ip', 'link', 'del', 'dev', 'fn1']);

    expect(await ask('[hasLink("fn1"), hasLink("end"), ...linkNames()]')).toEqual([false, false, 'lo']);
  });

  it('see the links of their own namespace under the /proc and /sys of another', async () => {
    await host.run(['ip', 'link', 'add', 'fn1', 'type', 'veth', 'peer', 'name', 'end']);

    expect(await ask(`[hasLink("fn1"), ...linkNames()]`, ['unshare', '--net'])).toEqual([false, 'lo']);
  });
});
