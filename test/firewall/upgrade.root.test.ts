import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { attach, invoke, pairs } from '../fixtures/plugin.ts';
import { addOutside, ask, HOST_ADDRESS, serve } from '../fixtures/traffic.ts';

/*
 * Tables that an earlier release made, with running containers behind them: rules that ask the routing table, and none of
 * the sets that came later.
 */

const CONF = { ipMasq: true, runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80 }] } };
const NEXT = { ipMasq: true, runtimeConfig: { portMappings: [{ hostPort: 8081, containerPort: 80 }] } };

let host: Host;
let outside: Sandbox;
let web: Sandbox;

/** What the release of before had in its table, with the element of the container that runs. */
async function makeOldTable(): Promise<void> {
  const elements = await host.run(['nft', 'list', 'map', 'inet', 'flatnet', 'ports4']);
  const element = /elements = \{ (.*) \}/.exec(elements)?.[1] ?? '';
  const masquerade = 'ip saddr 10.87.1.0/24 ip daddr != { 10.87.1.0/24, 224.0.0.0/4 } masquerade';
  await host.run(['nft', 'delete table inet flatnet']);
  await host.run(['nft', '-f', '-'], {
    input: `table inet flatnet {
      map ports4 { type inet_proto . inet_service : ipv4_addr . inet_service; elements = { ${element} }; }
      map ports6 { type inet_proto . inet_service : ipv6_addr . inet_service; }
      map bound4 { type inet_proto . ipv4_addr . inet_service : ipv4_addr . inet_service; }
      map bound6 { type inet_proto . ipv6_addr . inet_service : ipv6_addr . inet_service; }
      set loopback { type ifname; }
      chain ports { dnat ip to meta l4proto . th dport map @ports4; }
      chain ports-in { type nat hook prerouting priority -100; fib daddr type local jump ports; }
      chain ports-out { type nat hook output priority -100; fib daddr type local jump ports; }
      chain masquerade-flatnet {
        type nat hook postrouting priority 100;
        ${masquerade} comment "network=flatnet subnet=10.87.1.0/24"
      }
    }`,
  });
}

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
  outside = await addOutside(host);
  web = await host.addSandbox('web');
  await attach(host, web, { containerID: 'web', conf: CONF });
  await serve(web, { port: 80, answer: 'web' });
  await makeOldTable();
  expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('web');
});
afterEach(() => host.dispose());

const ports = () => host.run(['nft', 'list', 'map', 'inet', 'flatnet', 'ports4']);

describe('after an upgrade with running containers', () => {
  it('ADD without ports works, and leaves those of others', async () => {
    await attach(host, await host.addSandbox('other'), { containerID: 'other', conf: { ipMasq: true } });
    expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('web');
  });

  it('ADD with ports works, refuses the taken one by name, and brings the rules up to date', async () => {
    const other = await host.addSandbox('other');
    const refused = await invoke(host, 'ADD', { containerID: 'other', netns: other.path, conf: CONF });
    expect(refused.json.msg).toContain('container "web" on network "flatnet" has it');
    await attach(host, other, { containerID: 'other', conf: NEXT });
    await serve(other, { port: 80, answer: 'other' });
    expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('web');
    expect(await ask(outside, HOST_ADDRESS, 8081)).toBe('other');
    expect(await host.run(['nft', 'list', 'ruleset'])).not.toMatch(/\bfib\b/);
  });

  it('DEL removes the port', async () => {
    expect((await invoke(host, 'DEL', { containerID: 'web', conf: CONF })).exitCode).toBe(0);
    expect(await ports()).not.toContain('8080');
  });

  it('GC removes the port of a container that is gone', async () => {
    for (const name of await pairs(host)) await host.run(['ip', 'link', 'del', name]);
    const conf = { cniVersion: '1.1.0', 'cni.dev/valid-attachments': [] };
    expect((await invoke(host, 'GC', { conf })).exitCode).toBe(0);
    expect(await ports()).not.toContain('8080');
  });

  it('reload brings the rules up to date; an address that the host gets then is learned', async () => {
    await host.run([EXECUTABLE, 'reload']);
    expect(await host.run(['nft', 'list', 'ruleset'])).not.toMatch(/\bfib\b/);
    await host.run(['ip', 'address', 'add', '192.0.2.77/24', 'dev', 'up0']);
    expect(await ask(outside, '192.0.2.77', 8080)).toBe('web');
  });
});
