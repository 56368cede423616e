import { readFile } from 'node:fs/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHost, type Host } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';

let host: Host;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost({ tmpfs: ['/dev'] });
  await host.run(['mknod', '-m', '666', '/dev/null', 'c', '1', '3']);
  await host.run(['mknod', '-m', '666', '/dev/urandom', 'c', '1', '9']);
});
afterEach(() => host.dispose());

/** An ADD that fails: there is no such namespace. */
const call = () =>
  host.exec([EXECUTABLE], {
    env: {
      CNI_COMMAND: 'ADD',
      CNI_CONTAINERID: 'logged',
      CNI_NETNS: '/run/netns/gone',
      CNI_IFNAME: 'eth0',
      CNI_PATH: '/x',
    },
    input: '{"cniVersion":"1.0.0","name":"flatnet","type":"flatnet"}',
  });

describe('sendToSyslog()', () => {
  it('hands each call to syslog, with tag, severity and what went wrong', async () => {
    const daemon = host.start(['busybox', 'syslogd', '-n', '-O', '/run/messages'], { timeoutMs: 60_000 });
    await vi.waitFor(() => host.run(['test', '-S', '/dev/log']), { timeout: 5_000, interval: 20 });

    const { exitCode } = await call();

    expect(exitCode).toBe(1);
    await vi.waitFor(
      async () => {
        const messages = await readFile(host.file('/run/messages'), 'utf8');
        expect(messages.split('\n').filter((line) => line.includes('"containerID":"logged"'))).toEqual([
          expect.stringMatching(/daemon\.err flatnet(\[\d+\])?: .*\/run\/netns\/gone/),
        ]);
      },
      { timeout: 5_000, interval: 20 },
    );
    daemon.kill('SIGTERM');
    await daemon.result;
  });

  it('lets the call end as it would where nobody listens', async () => {
    const { exitCode, stdout } = await call();

    expect({ exitCode, ...JSON.parse(stdout) }).toMatchObject({ exitCode: 1, code: 103 });
  });
});
