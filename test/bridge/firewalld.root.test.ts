import { existsSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { attach } from '../fixtures/plugin.ts';
import { addOutside, ask, HOST_ADDRESS, OUTSIDE_ADDRESS, reaches, serve } from '../fixtures/traffic.ts';

let host: Host;
let outside: Sandbox;

/** Debian's firewalld with a D-Bus of its own: both end with the host, and its configuration is a copy. */
async function startFirewalld(): Promise<void> {
  await cp('/etc/firewalld', host.file('/run/firewalld-copy'), { recursive: true });
  await host.run(['mount', '--bind', '/run/firewalld-copy', '/etc/firewalld']);
  await host.run(['mkdir', '-p', '/run/dbus']);
  const long = { timeoutMs: 120_000 };
  host.start(['dbus-daemon', '--system', '--nofork', '--nopidfile'], long);
  await expect
    .poll(async () => (await host.exec(['test', '-S', '/run/dbus/system_bus_socket'])).exitCode)
    .toBe(0);
  host.start(['firewalld', '--nofork', '--nopid'], long);
  const state = async () => (await host.exec(['firewall-cmd', '--state'])).stdout;
  await expect.poll(state, { timeout: 20_000 }).toBe('running\n');
}

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
  outside = await addOutside(host);
});
afterEach(() => host.dispose());

const CONF = { ipMasq: true, runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80 }] } };

async function expectOpen(web: Sandbox): Promise<void> {
  expect(await reaches(web, OUTSIDE_ADDRESS)).toBe(true);
  expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('web');
}

// scripts/test.sh installs it where that does not start it: on machines without systemd.
describe.skipIf(!existsSync('/usr/sbin/firewalld'))('with firewalld', () => {
  it('a container reaches the outside and is reached, also after a reload of firewalld', async () => {
    await startFirewalld();
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
    await startFirewalld();
    expect(await reaches(web, OUTSIDE_ADDRESS)).toBe(false);
    await host.run([EXECUTABLE, 'reload']);
    await expectOpen(web);
  });
});
