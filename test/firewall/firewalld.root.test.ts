import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { HAS_FIREWALLD, startFirewalld } from '../fixtures/firewalld.ts';
import { allocated, attach, invoke, pairs } from '../fixtures/plugin.ts';
import { addOutside, ask, HOST_ADDRESS, OUTSIDE_ADDRESS, reaches, serve } from '../fixtures/traffic.ts';

let host: Host;
let outside: Sandbox;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost({ tmpfs: ['/etc/cni'] });
  outside = await addOutside(host);
});
afterEach(() => host.dispose());

const CONF = { ipMasq: true, runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80 }] } };

const HOME = { ...CONF, firewalldZone: 'home' };
const OUTSIDE_ZONE = 'firewalld has bridge "flatnet-br0" outside of zone "home"';

const zone = async (...scope: readonly string[]) =>
  (await host.exec(['firewall-cmd', ...scope, '--get-zone-of-interface=flatnet-br0'])).stdout.trim();

/** The commands of docs/comparison.md, the last of which is a reload. */
function policyCommands(): readonly (readonly string[])[] {
  const document = readFileSync(join(import.meta.dirname, '../../docs/comparison.md'), 'utf8');
  return [...document.matchAll(/^firewall-cmd .*$/gm)].map(([line]) => line.split(' '));
}

async function expectOpen(web: Sandbox): Promise<void> {
  expect(await reaches(web, OUTSIDE_ADDRESS)).toBe(true);
  expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('web');
}

describe.skipIf(!HAS_FIREWALLD)('with firewalld', () => {
  it('a container reaches the outside and is reached, also after a reload of firewalld', async () => {
    await startFirewalld(host);
    const web = await host.addSandbox('web');
    await attach(host, web, { conf: CONF });
    await serve(web, { port: 80, answer: 'web' });
    await expectOpen(web);
    await host.run(['firewall-cmd', '--reload']);
    await expectOpen(web);
  });

  it('that starts after the first container, flatnet reload lets its packets pass', async () => {
    const web = await host.addSandbox('web');
    await attach(host, web, { conf: CONF });
    await serve(web, { port: 80, answer: 'web' });
    await startFirewalld(host);
    expect(await reaches(web, OUTSIDE_ADDRESS)).toBe(false);
    await host.run([EXECUTABLE, 'reload']);
    await expectOpen(web);
  });

  it('and its bridge in another zone, packets pass; a policy of the host lets more in; both also after a reload', async () => {
    await startFirewalld(host);
    await host.run(['firewall-cmd', '--permanent', '--zone=drop', '--add-interface=flatnet-br0']);
    await host.run(['firewall-cmd', '--reload']);
    const web = await host.addSandbox('web');
    await attach(host, web, { conf: CONF });
    await serve(web, { port: 80, answer: 'web' });
    await outside.run(['ip', 'route', 'add', '10.87.1.0/24', 'via', HOST_ADDRESS]);
    await expectOpen(web);
    expect(await ask(outside, '10.87.1.2', 80)).toBe('');
    for (const command of policyCommands()) await host.run(command);
    await expectOpen(web);
    expect(await ask(outside, '10.87.1.2', 80)).toBe('web');
    expect(await host.run(['firewall-cmd', '--permanent', '--get-zone-of-interface=flatnet-br0'])).toBe(
      'trusted\n',
    );
  });

  it('and "firewalldZone", the bridge is in that zone, whose policy counts; CHECK and flatnet reload know it', async () => {
    await startFirewalld(host);
    const web = await host.addSandbox('web');
    const prevResult = await attach(host, web, { conf: HOME });
    await serve(web, { port: 80, answer: 'web' });
    expect([await zone(), await zone('--permanent')]).toEqual(['home', 'home']);
    // Of a zone with the default target firewalld lets published ports in, and nothing out.
    expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('web');
    expect(await reaches(web, OUTSIDE_ADDRESS)).toBe(false);
    const call = { netns: web.path, conf: { ...HOME, prevResult } };
    const check = async () => (await invoke(host, 'CHECK', call)).json?.msg;
    await host.run(['firewall-cmd', '--zone=trusted', '--change-interface=flatnet-br0']);
    expect(await check()).toBe(OUTSIDE_ZONE);
    await host.run([EXECUTABLE, 'reload']);
    expect(await check()).toBeUndefined();
  });

  it('and "firewalldZone", doctor names a bridge outside of it, and network rm takes the bridge out', async () => {
    await startFirewalld(host);
    const list = { cniVersion: '1.0.0', name: 'flatnet', plugins: [{ type: 'flatnet', ...HOME }] };
    await mkdir(host.file('/etc/cni/net.d'), { recursive: true });
    await writeFile(host.file('/etc/cni/net.d/flatnet.conflist'), JSON.stringify(list));
    await attach(host, await host.addSandbox('web'), { conf: HOME });
    await host.run(['firewall-cmd', '--zone=home', '--remove-interface=flatnet-br0']);
    expect((await host.exec([EXECUTABLE, 'doctor'])).stdout).toContain(OUTSIDE_ZONE);
    await host.run([EXECUTABLE, 'network', 'rm', '--force', 'flatnet']);
    expect(await zone('--permanent')).toBe('');
  });

  it('that has no such zone as "firewalldZone", ADD says how to make it and leaves nothing', async () => {
    await startFirewalld(host);
    const web = await host.addSandbox('web');
    const { json } = await invoke(host, 'ADD', { netns: web.path, conf: { ...CONF, firewalldZone: 'lan' } });
    expect(json).toMatchObject({
      msg: 'Cannot put bridge "flatnet-br0" into zone "lan": firewalld has no such zone',
      details: expect.stringContaining('sudo firewall-cmd --permanent --new-zone=lan'),
    });
    expect([await pairs(host), await allocated(host)]).toEqual([[], []]);
  });
});

describe('"firewalldZone"', () => {
  it.each([
    [{ firewalldZone: 'of the lan' }, 'expected the name of a zone of firewalld'],
    [{ firewalldZone: '-x' }, 'expected the name of a zone of firewalld'],
    [{ firewalldZone: 'lan', forwardAccept: false }, 'expected no such key: without "forwardAccept"'],
    [{ firewalldZone: 'lan', internal: true }, 'expected no such key: without "forwardAccept"'],
  ])('%j is refused before anything is made', async (keys, details) => {
    const web = await host.addSandbox('web');
    const { json } = await invoke(host, 'ADD', { netns: web.path, conf: { ...CONF, ...keys } });
    expect(json).toMatchObject({
      code: 7,
      msg: `Invalid "firewalldZone" in the configuration of network "flatnet": "${keys.firewalldZone}"`,
      details: expect.stringContaining(details),
    });
    expect([await pairs(host), await allocated(host)]).toEqual([[], []]);
  });

  it('without firewalld asks for nothing', async () => {
    const web = await host.addSandbox('web');
    await attach(host, web, { conf: { ...CONF, firewalldZone: 'lan' } });
    await serve(web, { port: 80, answer: 'web' });
    await expectOpen(web);
  });
});
