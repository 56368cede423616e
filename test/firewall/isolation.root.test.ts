import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable } from '../executable.ts';
import { attach, invoke } from '../fixtures/plugin.ts';
import { addOutside, ask, HOST_ADDRESS, OUTSIDE_ADDRESS, reaches, serve } from '../fixtures/traffic.ts';

let host: Host;
let outside: Sandbox;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
  outside = await addOutside(host);
});
afterEach(() => host.dispose());

const SUBNETS: Readonly<Record<string, string>> = { one: '10.91.0.0/24', two: '10.92.0.0/24' };

function network(name: string, keys: Readonly<Record<string, unknown>>) {
  const ranges = [[{ subnet: SUBNETS[name] }], [{ subnet: `fd00:${name === 'one' ? 1 : 2}::/64` }]];
  return { name, bridge: `${name}0`, ipMasq: true, ipam: { ranges }, ...keys };
}

async function container(id: string, conf: Readonly<Record<string, unknown>>): Promise<Sandbox> {
  const sandbox = await host.addSandbox(id);
  await attach(host, sandbox, { containerID: id, conf });
  return sandbox;
}

describe('ingressPolicy', () => {
  it('"same-bridge" keeps networks apart, but not the containers of one', async () => {
    const conf = { ingressPolicy: 'same-bridge' };
    const [a, b] = [await container('a', network('one', conf)), await container('b', network('one', conf))];
    const c = await container('c', network('two', conf));
    expect(await reaches(a, '10.91.0.3')).toBe(true);
    expect(await reaches(a, OUTSIDE_ADDRESS)).toBe(true);
    expect(await reaches(a, '10.92.0.2')).toBe(false);
    expect(await reaches(c, '10.91.0.3')).toBe(false);
    expect(await reaches(c, 'fd00:1::2')).toBe(false);
    expect(await reaches(b, '10.91.0.1')).toBe(true);
  });

  it('"isolated" keeps the containers of one network apart too', async () => {
    const conf = network('one', { ingressPolicy: 'isolated' });
    const [a] = [await container('a', conf), await container('b', conf)];
    expect(await reaches(a, '10.91.0.3')).toBe(false);
    expect(await reaches(a, OUTSIDE_ADDRESS)).toBe(true);
  });

  it('"open", which is the default, lets networks reach each other', async () => {
    const a = await container('a', network('one', { ingressPolicy: 'open' }));
    await container('b', network('two', {}));
    expect(await reaches(a, '10.92.0.2')).toBe(true);
  });

  it('of another name is refused by key and value', async () => {
    const sandbox = await host.addSandbox('a');
    const { json } = await invoke(host, 'ADD', { netns: sandbox.path, conf: { ingressPolicy: 'closed' } });
    expect(json).toMatchObject({
      code: 7,
      msg: 'Invalid "ingressPolicy" in the configuration of network "flatnet": "closed"',
    });
  });
});

describe('an internal network', () => {
  it('has no way out, none in, and no default route; its containers reach each other and the host', async () => {
    const conf = network('one', { internal: true });
    const [a] = [await container('a', conf), await container('b', conf)];
    await container('c', network('two', {}));
    await outside.run(['ip', 'route', 'add', '10.91.0.0/24', 'via', HOST_ADDRESS]);
    expect(await a.run(['ip', 'route', 'show', 'default'])).toBe('');
    await a.run(['ip', 'route', 'add', 'default', 'via', '10.91.0.1']);
    expect(await reaches(a, '10.91.0.3')).toBe(true);
    expect(await reaches(a, '10.91.0.1')).toBe(true);
    expect(await reaches(a, OUTSIDE_ADDRESS)).toBe(false);
    expect(await reaches(a, '10.92.0.2')).toBe(false);
    expect(await reaches(outside, '10.91.0.2')).toBe(false);
  });
});

describe('portIsolation', () => {
  it('keeps containers apart and lets them out', async () => {
    const conf = network('one', { portIsolation: true });
    const [a] = [await container('a', conf), await container('b', conf)];
    expect(await reaches(a, '10.91.0.3')).toBe(false);
    expect(await reaches(a, OUTSIDE_ADDRESS)).toBe(true);
  });
});

describe('a dual-stack network', () => {
  it('is usable over IPv6 the moment ADD returns, masqueraded and with published ports', async () => {
    const runtimeConfig = { portMappings: [{ hostPort: 8080, containerPort: 80 }] };
    const a = await container('a', network('one', { runtimeConfig }));
    expect(await reaches(a, '2001:db8::2')).toBe(true);
    await serve(a, { port: 80, answer: 'six', address: '::' });
    expect(await ask(outside, '2001:db8::1', 8080)).toBe('six');
    expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('six');
    expect(await ask(a, '2001:db8::1', 8080)).toBe('six');
    expect(await a.run(['ip', '-6', 'address', 'show', 'dev', 'eth0', 'scope', 'global'])).not.toContain(
      'tentative',
    );
    expect(await host.run(['cat', '/proc/sys/net/ipv6/conf/one0/accept_ra'])).toBe('0\n');
  });

  it('does not cost the host the default route it has from router advertisements', async () => {
    expect(await host.run(['cat', '/proc/sys/net/ipv6/conf/up0/accept_ra'])).toBe('1\n');
    await container('a', network('one', {}));
    expect(await host.run(['cat', '/proc/sys/net/ipv6/conf/up0/accept_ra'])).toBe('2\n');
    expect(await host.run(['cat', '/proc/sys/net/ipv6/conf/all/forwarding'])).toBe('1\n');
  });
});
