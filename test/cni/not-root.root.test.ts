import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { allocated, pairs, PLAIN } from '../fixtures/plugin.ts';

let host: Host;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
});
afterEach(() => host.dispose());

describe('a caller that is not root', () => {
  it.each(['ADD', 'DEL', 'CHECK'])('is told so by %s', async (verb) => {
    const sandbox = await host.addSandbox();
    const { exitCode, stdout } = await host.exec(
      ['setpriv', '--reuid', '65534', '--clear-groups', EXECUTABLE],
      {
        input: JSON.stringify({ ...PLAIN, prevResult: {} }),
        env: { CNI_COMMAND: verb, CNI_CONTAINERID: 'box1', CNI_IFNAME: 'eth0', CNI_NETNS: sandbox.path },
      },
    );
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ msg: expect.stringContaining('not running as root') });
  });

  it('without CAP_NET_ADMIN is told what is missing, and nothing is left', async () => {
    const sandbox = await host.addSandbox();
    const { stdout } = await host.exec(['setpriv', '--bounding-set', '-net_admin', EXECUTABLE], {
      input: JSON.stringify(PLAIN),
      env: { CNI_COMMAND: 'ADD', CNI_CONTAINERID: 'box1', CNI_IFNAME: 'eth0', CNI_NETNS: sandbox.path },
    });
    expect(JSON.parse(stdout).details).toContain('CAP_NET_ADMIN');
    expect([await pairs(host), await allocated(host)]).toEqual([[], []]);
  });
});
