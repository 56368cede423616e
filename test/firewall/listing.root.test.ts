import { writeFile } from 'node:fs/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host } from '../../conformance/host.ts';
import { isPointless } from '../plain/way.ts';
import { ensureExecutable } from '../executable.ts';
import { attach, invoke } from '../fixtures/plugin.ts';

/*
 * The nft of a host prints what flatnet has made in another form, or in none.
 */

let host: Host;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
});
afterEach(() => host.dispose());

const CONF = { ipMasq: true, runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80 }] } };

/** Puts something else in the place of a file of the host. */
async function replace(path: string, text: string): Promise<void> {
  await writeFile(host.file('/run/instead'), text, { mode: 0o755 });
  await host.run(['mount', '--bind', '/run/instead', path]);
}

describe('CHECK', () => {
  it('finds a published port where /etc/protocols is missing, and nft prints the number of its protocol', async () => {
    const web = await host.addSandbox('web');
    const prevResult = await attach(host, web, { containerID: 'web', conf: CONF });
    await replace('/etc/protocols', '');
    expect(await host.run(['nft', 'list', 'map', 'inet', 'flatnet', 'ports4'])).toContain('6 . 8080');
    const answer = await invoke(host, 'CHECK', {
      containerID: 'web',
      netns: web.path,
      conf: { ...CONF, prevResult },
    });
    expect([answer.stdout, answer.exitCode]).toEqual(['', 0]);
  });
});

describe.skipIf(isPointless('an ADD reads the packet filter as JSON'))(
  'an nft that is built without JSON',
  () => {
    it('is named by CHECK, and does not keep a container from being attached', async () => {
      await host.run(['cp', '--dereference', '/usr/sbin/nft', '/run/nft']);
      await replace(
        '/usr/sbin/nft',
        `#!/bin/sh
case " $* " in *' -j '*) echo 'JSON support not compiled-in' >&2; exit 1 ;; esac
exec /run/nft "$@"
`,
      );
      const web = await host.addSandbox('web');
      const prevResult = await attach(host, web, { containerID: 'web', conf: CONF });
      const answer = await invoke(host, 'CHECK', {
        containerID: 'web',
        netns: web.path,
        conf: { ...CONF, prevResult },
      });
      expect(answer.json).toMatchObject({
        code: 50,
        msg: 'Cannot read the packet filter: "nft" is built without JSON',
        details: expect.stringContaining('install the nftables package'),
      });
    });
  },
);
