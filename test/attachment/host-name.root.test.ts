import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable } from '../executable.ts';
import { setup, teardown, trySetup } from '../fixtures/driver.ts';
import { link } from '../fixtures/links.ts';
import { allocated, attach, invoke, pairs } from '../fixtures/plugin.ts';

let host: Host;
let box: Sandbox;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
  box = await host.addSandbox();
});
afterEach(() => host.dispose());

const WEB = { hostInterfaceName: 'web0' };

/** The name that `ip` shows for the link that is found by this one. */
async function found(name: string): Promise<string> {
  const { stdout } = await host.exec(['ip', '-j', 'link', 'show', 'dev', name]);
  return stdout === '' ? '' : JSON.parse(stdout)[0].ifname;
}

describe('a name that was chosen for the host end', () => {
  it('is a further name of the link, and DEL without a namespace finds the link', async () => {
    const { interfaces } = await attach(host, box, { conf: WEB });
    expect(await found('web0')).toBe(interfaces[1].name);
    expect((await link(host, interfaces[1].name)).altnames).toEqual(['web0']);
    expect((await invoke(host, 'DEL')).exitCode).toBe(0);
    expect([await found('web0'), await pairs(host), await allocated(host)]).toEqual(['', [], []]);
  });

  it('goes with GC, and may be taken again', async () => {
    await attach(host, box, { conf: WEB });
    const conf = { cniVersion: '1.1.0', 'cni.dev/valid-attachments': [] };
    expect((await invoke(host, 'GC', { conf })).exitCode).toBe(0);
    expect([await found('web0'), await pairs(host)]).toEqual(['', []]);
    await attach(host, await host.addSandbox(), { conf: WEB, containerID: 'box2' });
    expect(await found('web0')).not.toBe('');
  });

  it('stays with an attachment that moves to another sandbox', async () => {
    await attach(host, box, { conf: WEB });
    const { interfaces } = await attach(host, await host.addSandbox(), { conf: WEB });
    expect(await found('web0')).toBe(interfaces[1].name);
  });

  it('belongs to one container, which a refusal names', async () => {
    await attach(host, box, { conf: WEB, args: 'K8S_POD_NAME=shop' });
    const before = await host.snapshot();
    const next = await host.addSandbox();
    const { json } = await invoke(host, 'ADD', { netns: next.path, containerID: 'box2', conf: WEB });
    expect(json).toMatchObject({
      code: 101,
      msg: 'Cannot give "eth0" the host interface name "web0": container "shop (box1)" on network "flatnet" has it',
      details: expect.stringContaining('ip link show dev web0'),
    });
    expect([await host.snapshot(), await allocated(host)]).toEqual([before, ['flatnet/10.87.1.2']]);
  });

  it.each([
    ['lo', 'Cannot give "eth0" the host interface name "lo": a link of the host has it'],
    ['flatnet-br0', 'Invalid "hostInterfaceName" in what is asked for one container of network "flatnet"'],
    ['fn32yiiut7ecj3x', 'Invalid "hostInterfaceName" in the configuration of network "flatnet"'],
    ['a/b', 'Invalid "hostInterfaceName" in the configuration of network "flatnet"'],
  ])('may not be %s, and nothing is made', async (hostInterfaceName, message) => {
    const before = await host.snapshot();
    const { json } = await invoke(host, 'ADD', { netns: box.path, conf: { hostInterfaceName } });
    expect(json.msg).toContain(message);
    expect([await host.snapshot(), await allocated(host)]).toEqual([before, []]);
  });

  it('may not be a further name of a link of the host', async () => {
    await host.run(['ip', 'link', 'add', 'name', 'br7', 'type', 'bridge']);
    await host.run(['ip', 'link', 'property', 'add', 'dev', 'br7', 'altname', 'web0']);
    const { json } = await invoke(host, 'ADD', { netns: box.path, conf: WEB });
    expect(json.msg).toBe('Cannot give "eth0" the host interface name "web0": link "br7" has it');
  });

  it('is missed by CHECK', async () => {
    const conf = { args: { cni: WEB } };
    const prevResult = await attach(host, box, { conf });
    const { name } = prevResult.interfaces[1];
    const check = () => invoke(host, 'CHECK', { netns: box.path, conf: { ...conf, prevResult } });
    expect((await check()).exitCode).toBe(0);
    await host.run(['ip', 'link', 'property', 'del', 'dev', name, 'altname', 'web0']);
    expect((await check()).json.msg).toBe(`Host link "${name}" no longer has the name "web0" besides`);
  });

  it("is host_interface_name of one container for netavark, and no network's", async () => {
    const options = { host_interface_name: 'web0' };
    await setup(host, box, { options });
    const name = await found('web0');
    expect(await pairs(host)).toEqual([name]);
    const next = await host.addSandbox();
    const refused = await trySetup(host, next, { options, containerID: 'box2' });
    expect(refused.json.error).toContain('container "box1 (box1)" on network "lab" has it');
    await box.remove();
    await teardown(host, box, { options });
    expect([await found('web0'), await pairs(host), await allocated(host)]).toEqual(['', [], []]);
    expect((await trySetup(host, next, { network: { options } })).json.error).toContain(
      'Cannot set option "host_interface_name" for network "lab"',
    );
  });
});
