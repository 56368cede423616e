import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { HAS_FIREWALLD, startFirewalld } from '../fixtures/firewalld.ts';
import { attach } from '../fixtures/plugin.ts';
import { addOutside, ask, HOST_ADDRESS, OUTSIDE_ADDRESS, reaches, serve } from '../fixtures/traffic.ts';

let host: Host;
let outside: Sandbox;

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
});
