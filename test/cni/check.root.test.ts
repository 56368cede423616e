import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable } from '../executable.ts';
import { attach, invoke } from '../fixtures/plugin.ts';

let host: Host;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
});
afterEach(() => host.dispose());

describe('CHECK', () => {
  const conf = { ipMasq: true };

  async function attached(): Promise<{ sandbox: Sandbox; prevResult: any }> {
    const sandbox = await host.addSandbox();
    return { sandbox, prevResult: await attach(host, sandbox, { conf }) };
  }

  function check(sandbox: Sandbox, prevResult: any) {
    return invoke(host, 'CHECK', { netns: sandbox.path, conf: { ...conf, prevResult } });
  }

  it('finds nothing wrong right after ADD', async () => {
    const { sandbox, prevResult } = await attached();
    expect(await check(sandbox, prevResult)).toMatchObject({ exitCode: 0, stdout: '' });
  });

  it('does not mind what others added later', async () => {
    const { sandbox, prevResult } = await attached();
    await sandbox.run(['ip', 'addr', 'add', '192.0.2.7/32', 'dev', 'eth0']);
    await sandbox.run(['ip', 'route', 'add', '198.51.100.0/24', 'via', '10.87.1.1']);
    expect((await check(sandbox, prevResult)).exitCode).toBe(0);
  });

  it.each([
    [
      'the address',
      'sandbox',
      ['ip', 'addr', 'del', '10.87.1.2/24', 'dev', 'eth0'],
      'lost its address 10.87.1.2/24',
    ],
    ['the default route', 'sandbox', ['ip', 'route', 'del', 'default'], 'Route to 0.0.0.0/0'],
    ['the link state', 'sandbox', ['ip', 'link', 'set', 'eth0', 'down'], '"eth0" in the sandbox is down'],
    [
      'the MAC',
      'sandbox',
      ['ip', 'link', 'set', 'eth0', 'address', '02:00:00:00:00:01'],
      'has MAC 02:00:00:00:00:01',
    ],
    ['the interface', 'sandbox', ['ip', 'link', 'del', 'eth0'], 'Interface "eth0" in the sandbox is gone'],
    [
      'the gateway',
      'host',
      ['ip', 'addr', 'flush', 'dev', 'flatnet-br0'],
      'lacks its gateway address 10.87.1.1/24',
    ],
    ['the bridge', 'host', ['ip', 'link', 'del', 'flatnet-br0'], 'Bridge "flatnet-br0" is gone'],
    ['masquerade', 'host', ['nft', 'flush', 'ruleset'], 'Masquerade rule for 10.87.1.0/24 is gone'],
  ])('names %s when it is gone', async (_what, place, command, sentence) => {
    const { sandbox, prevResult } = await attached();
    await (place === 'host' ? host : sandbox).run(command);
    const { exitCode, json } = await check(sandbox, prevResult);
    expect([exitCode, `${json?.msg}; ${json?.details}`]).toEqual([1, expect.stringContaining(sentence)]);
  });

  it('finds nothing wrong when only the state file is lost: the links prove what is held', async () => {
    const { sandbox, prevResult } = await attached();
    await host.run(['rm', '-r', '/var/lib/flatnet']);
    expect((await check(sandbox, prevResult)).exitCode).toBe(0);
  });

  it('names an address that prevResult has and nobody holds', async () => {
    const { sandbox, prevResult } = await attached();
    const ips = [{ ...prevResult.ips[0], address: '10.87.1.9/24' }];
    await sandbox.run(['ip', 'addr', 'add', '10.87.1.9/24', 'dev', 'eth0']);
    expect((await check(sandbox, { ...prevResult, ips })).json.msg).toBe(
      'Address 10.87.1.9 is no longer allocated',
    );
  });

  it('names the bridge when the port was taken out of it', async () => {
    const { sandbox, prevResult } = await attached();
    await host.run(['ip', 'link', 'set', prevResult.interfaces[1].name, 'nomaster']);
    expect((await check(sandbox, prevResult)).json.msg).toContain('is in no bridge, not in "flatnet-br0"');
  });

  it('asks for prevResult when it is missing', async () => {
    const { sandbox } = await attached();
    const { json } = await invoke(host, 'CHECK', { netns: sandbox.path, conf });
    expect(json).toMatchObject({ code: 7, msg: expect.stringContaining('prevResult') });
  });
});
