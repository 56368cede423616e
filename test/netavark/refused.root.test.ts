import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { requestOf } from '../fixtures/driver.ts';
import { allocated, pairs } from '../fixtures/plugin.ts';

let host: Host;
let sandbox: Sandbox;

beforeAll(ensureExecutable);
beforeEach(async () => {
  host = await createHost();
  sandbox = await host.addSandbox('sandbox');
});
afterEach(() => host.dispose());

/** Calls setup as netavark would; what Podman itself never lets happen. */
async function refused(
  words: readonly string[],
  netns: string,
  input = JSON.stringify(requestOf({})),
): Promise<string> {
  const { exitCode, stdout } = await host.exec([...words, EXECUTABLE, 'setup', netns], { input });
  expect(exitCode).toBe(1);
  expect(await pairs(host)).toEqual([]);
  expect(await allocated(host)).toEqual([]);
  return JSON.parse(stdout).error;
}

describe('setup says what is wrong and what to do, and leaves nothing', () => {
  it('when the network namespace does not exist', async () => {
    const said = await refused([], '/run/netns/gone');
    expect(said).toContain('"/run/netns/gone"');
    expect(said).toContain('start the container again');
  });

  it('when the request is cut off', async () => {
    const text = JSON.stringify(requestOf({}));
    expect(await refused([], sandbox.path, text.slice(0, -5))).toContain('not valid JSON');
  });

  it('when it does not run as root', async () => {
    expect(await refused(['setpriv', '--reuid=65534'], sandbox.path)).toContain('not running as root');
  });

  it('when root may not make interfaces', async () => {
    const without = ['setpriv', '--bounding-set=-net_admin', '--inh-caps=-net_admin'];
    expect(await refused(without, sandbox.path)).toContain('CAP_NET_ADMIN');
  });
});
