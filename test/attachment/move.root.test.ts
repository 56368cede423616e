import { readFile } from 'node:fs/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { allocated, attach, invoke, pairs } from '../fixtures/plugin.ts';
import { serve } from '../fixtures/traffic.ts';

let host: Host;
let old: Sandbox;
let next: Sandbox;

const publishing = (...hostPorts: readonly number[]) => ({
  ipMasq: true,
  runtimeConfig: { portMappings: hostPorts.map((hostPort) => ({ hostPort, containerPort: 80 })) },
});

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
  [old, next] = [await host.addSandbox('old'), await host.addSandbox('next')];
  await attach(host, old, { conf: publishing(8080) });
});
afterEach(() => host.dispose());

async function allocations(): Promise<unknown> {
  return JSON.parse(await readFile(host.file('/var/lib/flatnet/ipam/allocations.json'), 'utf8')).allocations;
}

function ports(): Promise<string> {
  return host.run(['nft', 'list', 'map', 'inet', 'flatnet', 'ports4']);
}

describe('an attachment that cannot move to another sandbox', () => {
  async function expectRefusal(conf: object, code: number): Promise<void> {
    const before = [await allocations(), await host.snapshot(), await old.snapshot()];
    const { json } = await invoke(host, 'ADD', { netns: next.path, conf: { ...publishing(9090), ...conf } });
    expect(json.code, JSON.stringify(json)).toBe(code);
    expect([await allocations(), await host.snapshot(), await old.snapshot()]).toEqual(before);
  }

  it('stays as it was where a port is held by a process', async () => {
    await serve(host, { port: 9090, answer: 'host' });
    await expectRefusal({}, 105);
    await host.run(['nft', 'flush', 'ruleset']);
    await host.run([EXECUTABLE, 'reload']);
    expect(await ports()).toContain('8080');
  });

  it('stays as it was where it shall have another address, on a bridge that is another network’s', async () => {
    await expectRefusal({ ipam: { subnet: '10.99.0.0/24' } }, 100);
  });
});

describe('an attachment that moves to another sandbox', () => {
  it('has the ports of the new one and none of the old one', async () => {
    await attach(host, next, { conf: publishing(9090) });
    expect(await ports()).toMatch(/elements = \{ tcp \. 9090 [^,]*\}/);
    await invoke(host, 'DEL', { conf: publishing(9090) });
    expect(await ports()).not.toContain('elements');
    expect([await pairs(host), await allocated(host)]).toEqual([[], []]);
  });

  it('has none of the old one where that died without DEL', async () => {
    await old.run(['ip', 'link', 'del', 'eth0']);
    await attach(host, next, { conf: publishing(9090) });
    expect(await ports()).not.toContain('8080');
  });
});
