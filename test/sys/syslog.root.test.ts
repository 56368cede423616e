import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHost, type Host } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { coverDev, startSyslog, type SyslogKind, syslogOf } from '../fixtures/syslog.ts';

const SYSLOG = join(import.meta.dirname, '../../src/sys/syslog.ts');
const CHOOSE = join(import.meta.dirname, '../../src/sys/plain/choose.ts');
const LOG = '/var/log/flatnet/cni.log';

let host: Host;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
});
afterEach(() => host.dispose());

/** An ADD that fails: there is no such namespace. */
async function call() {
  const { exitCode, stdout } = await host.exec([EXECUTABLE], {
    env: {
      CNI_COMMAND: 'ADD',
      CNI_CONTAINERID: 'logged',
      CNI_NETNS: '/run/netns/gone',
      CNI_IFNAME: 'eth0',
      CNI_PATH: '/x',
    },
    input: '{"cniVersion":"1.0.0","name":"flatnet","type":"flatnet"}',
  });
  return { exitCode, ...JSON.parse(stdout) };
}

/** What syslog has, once it has something. */
function messages() {
  return vi.waitFor(
    async () => {
      const found = await syslogOf(host);
      expect(found).not.toEqual([]);
      return found;
    },
    { timeout: 10_000, interval: 20 },
  );
}

const FAILED = { exitCode: 1, code: 103 };
const MESSAGE =
  /^<27>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d flatnet: \{.*"containerID":"logged".*\/run\/netns\/gone.*\}/;

describe('sendToSyslog()', () => {
  it.each(['datagram', 'stream'] as const)(
    'hands each call to a syslog that takes a %s, with tag, severity and what went wrong',
    async (kind) => {
      await startSyslog(host, kind);
      expect(await call()).toMatchObject(FAILED);
      expect(await messages()).toEqual([expect.stringMatching(MESSAGE)]);
    },
  );

  it('is understood by a syslog daemon', async () => {
    await coverDev(host);
    host.start(['busybox', 'syslogd', '-n', '-O', '/run/syslog'], { timeoutMs: 60_000 });
    await vi.waitFor(() => host.run(['test', '-S', '/dev/log']), { timeout: 5_000, interval: 20 });
    await call();
    await vi.waitFor(
      async () => {
        expect(await syslogOf(host)).toContainEqual(
          expect.stringMatching(/ daemon\.err flatnet: .*\/run\/netns\/gone/),
        );
      },
      { timeout: 5_000, interval: 20 },
    );
  });

  it.each(['deaf', 'dead'] satisfies SyslogKind[])(
    'keeps no call waiting for a syslog that is %s, and changes nothing about it',
    async (kind) => {
      await startSyslog(host, kind);
      expect(await call()).toMatchObject(FAILED);
      expect(await readFile(host.file(LOG), 'utf8')).toContain('/run/netns/gone');
    },
  );

  it('lets the call end as it would where nobody listens', async () => {
    expect(await call()).toMatchObject(FAILED);
  });

  it('goes through logger on a Node without node:ffi, also from a process that ends at once', async () => {
    await startSyslog(host);
    const script = `
      import { sendToSyslog } from '${SYSLOG}';
      import { choosePlain } from '${CHOOSE}';
      const plain = await choosePlain(undefined);
      sendToSyslog({ tag: 'flatnet', severity: 'warning', line: 'by logger' }, { plain });
      process.exit();`;
    await host.run([process.execPath, '--no-experimental-ffi', '--input-type=module', '--eval', script]);
    expect(await messages()).toEqual([expect.stringMatching(/^<28>.* flatnet: by logger$/)]);
  });
});
