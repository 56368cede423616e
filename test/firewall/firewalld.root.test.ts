import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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
});
