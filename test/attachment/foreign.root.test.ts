import { writeFile } from 'node:fs/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { attach, invoke } from '../fixtures/plugin.ts';
import { addOutside, ask, HOST_ADDRESS, OUTSIDE_ADDRESS, reaches, serve } from '../fixtures/traffic.ts';
import { isLacking } from '../profiles/lacking.ts';

let host: Host;
let outside: Sandbox;
let web: Sandbox;
let prevResult: any;

/** Addresses of host-local, the reference IPAM plugin. */
const CONF = {
  ipMasq: true,
  macspoofchk: !isLacking('macspoofchk'),
  ingressPolicy: 'same-bridge',
  ipam: { type: 'host-local', ranges: [[{ subnet: '10.91.0.0/24' }]], dataDir: '/run/host-local' },
  runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80 }] },
};

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
  outside = await addOutside(host);
  await host.run(['iptables', '-P', 'FORWARD', 'DROP']);
  web = await host.addSandbox('web');
  prevResult = await attach(host, web, { containerID: 'web', conf: CONF });
  await serve(web, { port: 80, answer: 'web' });
});
afterEach(() => host.dispose());

async function flush(): Promise<void> {
  await host.run(['nft', 'flush', 'ruleset']);
  await host.run(['iptables', '-P', 'FORWARD', 'DROP']);
}

function notes(): Promise<string> {
  return host.run(['ls', '/run/flatnet']);
}

async function check() {
  const conf = { ...CONF, prevResult };
  const { json } = await invoke(host, 'CHECK', { netns: web.path, containerID: 'web', conf });
  return json === undefined ? undefined : `${json.msg}; ${json.details}`;
}

describe('what another IPAM plugin gives', () => {
  const GIVEN = { cniVersion: '1.0.0', ips: [{ address: '10.91.0.9/24', gateway: '10.91.0.1' }] };

  /** What ADD says when this is the answer of the plugin. */
  async function refusal(change: object) {
    const plugin = `#!/bin/sh\nprintf '%s' '${JSON.stringify({ ...GIVEN, ...change })}'\n`;
    await host.run(['mkdir', '-p', '/run/cni']);
    await writeFile(host.file('/run/cni/made-up'), plugin, { mode: 0o755 });
    const sandbox = await host.addSandbox('next');
    const conf = { ipam: { type: 'made-up' } };
    const call = { netns: sandbox.path, containerID: 'next', path: '/run/cni', conf };
    const { json } = await invoke(host, 'ADD', call);
    expect(await sandbox.run(['ip', '-br', 'link', 'show', 'type', 'veth'])).toBe('');
    return json;
  }

  it.each([
    ['routes[0].dst', { routes: [{ dst: '10.1.0.0/288' }] }],
    ['routes[0].dst', { routes: [{ dst: '10.1.0/8' }] }],
    ['routes[0].gw', { routes: [{ dst: '10.1.0.0/16', gw: 'fd00::1' }] }],
    ['routes[0].table', { routes: [{ dst: '10.1.0.0/16', table: 2 ** 32 }] }],
    ['ips[0].address', { ips: [{ address: '10.91.0.9/288' }] }],
    ['ips[0].gateway', { ips: [{ address: '10.91.0.9/24', gateway: '10.91.0' }] }],
  ])('is refused with code 7 where %s is wrong: %j', async (key, change) => {
    expect(await refusal(change)).toMatchObject({
      code: 7,
      msg: expect.stringContaining(`Invalid "${key}" in the result of IPAM plugin "made-up"`),
    });
  });
});

describe('a container whose address another IPAM plugin gave', () => {
  it('has its rules put back by flatnet reload: ports, masquerade, forwarding, spoof checks, isolation', async () => {
    const before = await host.snapshot();
    await flush();
    expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('');
    expect(await host.exec([EXECUTABLE, 'reload'])).toMatchObject({
      stdout: 'Restored the rules of 1 container on flatnet, with 1 published port.\n',
      stderr: '',
    });
    expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('web');
    expect(await reaches(web, OUTSIDE_ADDRESS)).toBe(true);
    expect(await host.snapshot()).toEqual(before);
    expect(await check()).toBeUndefined();
  });

  it('stands beside one with an address of flatnet', async () => {
    const own = await host.addSandbox('own');
    const runtimeConfig = { portMappings: [{ hostPort: 8081, containerPort: 80 }] };
    await attach(host, own, {
      containerID: 'own',
      conf: { name: 'own', bridge: 'own0', ipMasq: true, runtimeConfig },
    });
    await serve(own, { port: 80, answer: 'own' });
    await flush();
    await host.run([EXECUTABLE, 'reload']);
    const answers = [8080, 8081].map((port) => ask(outside, HOST_ADDRESS, port));
    expect(await Promise.all(answers)).toEqual(['web', 'own']);
  });

  it('is forgotten with DEL, and by GC when its link is gone', async () => {
    expect(await notes()).toContain('attachment-fn');
    await invoke(host, 'DEL', { containerID: 'web', conf: CONF });
    expect(await notes()).not.toContain('attachment-');
    expect(await host.run(['nft', 'list', 'table', 'inet', 'flatnet'])).not.toContain('8080');
    const other = await host.addSandbox('other');
    await attach(host, other, { containerID: 'other', conf: CONF });
    await other.run(['ip', 'link', 'del', 'dev', 'eth0']);
    const conf = { ...CONF, cniVersion: '1.1.0', 'cni.dev/valid-attachments': [] };
    await invoke(host, 'GC', { conf, path: '/usr/lib/cni' });
    expect(await notes()).not.toContain('attachment-');
  });

  it('is named by reload, which leaves its rules, when what is remembered was damaged', async () => {
    const [note = ''] = (await notes()).split('\n').filter((name) => name.startsWith('attachment-'));
    await writeFile(host.file(`/run/flatnet/${note}`), '{"network":"flat');
    const ports = () => host.run(['nft', 'list', 'map', 'inet', 'flatnet', 'ports4']);
    const before = await ports();
    expect(await host.exec([EXECUTABLE, 'reload'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('The rules of container web are unknown'),
    });
    expect(await ports()).toBe(before);
    expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('web');
  });
});
