import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable } from '../executable.ts';
import { attach, invoke, PLAIN } from '../fixtures/plugin.ts';
import { addOutside, ask, HOST_ADDRESS, OUTSIDE_ADDRESS, reaches, serve } from '../fixtures/traffic.ts';

let host: Host;
let outside: Sandbox;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
  outside = await addOutside(host);
});
afterEach(() => host.dispose());

const PORTS = { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }] };
const CHAIN = [
  { type: 'portmap', capabilities: { portMappings: true }, runtimeConfig: PORTS },
  { type: 'firewall', backend: 'iptables' },
  { type: 'tuning', sysctl: { 'net.core.somaxconn': '512' } },
  { type: 'bandwidth', ingressRate: 80_000_000, ingressBurst: 8_000_000 },
];

async function call(verb: string, sandbox: Sandbox, conf: Readonly<Record<string, unknown>>) {
  const { exitCode, stdout } = await host.exec([`/usr/lib/cni/${String(conf['type'])}`], {
    input: JSON.stringify({ ...PLAIN, ...conf }),
    env: {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      CNI_COMMAND: verb,
      CNI_CONTAINERID: 'box1',
      CNI_IFNAME: 'eth0',
      CNI_NETNS: sandbox.path,
      CNI_PATH: '/usr/lib/cni',
    },
  });
  expect([conf['type'], exitCode, stdout]).toEqual([conf['type'], 0, expect.anything()]);
  return stdout === '' ? undefined : JSON.parse(stdout);
}

describe('flatnet before portmap, firewall, tuning and bandwidth', () => {
  it('serves them as the reference bridge does, and CHECK and DEL go through all', async () => {
    const sandbox = await host.addSandbox();
    let result = await attach(host, sandbox, { conf: { ipMasq: true } });
    for (const plugin of CHAIN) result = await call('ADD', sandbox, { ...plugin, prevResult: result });
    await serve(sandbox, { port: 80, answer: 'web' });
    expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('web');
    expect(await reaches(sandbox, OUTSIDE_ADDRESS)).toBe(true);
    expect(await sandbox.run(['cat', '/proc/sys/net/core/somaxconn'])).toBe('512\n');
    const check = await invoke(host, 'CHECK', {
      netns: sandbox.path,
      conf: { ipMasq: true, prevResult: result },
    });
    expect(check.stdout).toBe('');
    for (const plugin of CHAIN.toReversed()) await call('DEL', sandbox, { ...plugin, prevResult: result });
    expect((await invoke(host, 'DEL', { netns: sandbox.path, conf: { prevResult: result } })).exitCode).toBe(
      0,
    );
    expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('');
  });
});
