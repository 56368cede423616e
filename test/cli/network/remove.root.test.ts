import { mkdir, writeFile } from 'node:fs/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host } from '../../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../../executable.ts';
import { attach } from '../../fixtures/plugin.ts';
import { ask, serve } from '../../fixtures/traffic.ts';

let host: Host;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost({ tmpfs: ['/etc/cni'] });
  await mkdir(host.file('/etc/cni/net.d'), { recursive: true });
});
afterEach(() => host.dispose());

const SUBNETS: Readonly<Record<string, string>> = { one: '10.91.0.0/24', two: '10.92.0.0/24' };

/** A network in the directory of networks, with one container that publishes port 80. */
async function addNetwork(name: string, hostPort: number): Promise<void> {
  const conf = {
    bridge: `${name}0`,
    ipMasq: true,
    macspoofchk: true,
    ingressPolicy: 'same-bridge',
    ipam: { ranges: [[{ subnet: SUBNETS[name] }]] },
  };
  const list = { cniVersion: '1.0.0', name, plugins: [{ type: 'flatnet', ...conf }] };
  await writeFile(host.file(`/etc/cni/net.d/${name}.conflist`), JSON.stringify(list));
  const runtimeConfig = { portMappings: [{ hostPort, containerPort: 80 }] };
  const sandbox = await host.addSandbox(name);
  await attach(host, sandbox, { containerID: name, conf: { name, ...conf, runtimeConfig } });
  await serve(sandbox, { port: 80, answer: name });
}

function forwardRules(): Promise<string> {
  return host.run(['iptables', '-S', 'FORWARD']);
}

describe('flatnet network rm', () => {
  it('takes every rule of the network away, in tables of others too, and leaves those of another network', async () => {
    await host.run(['iptables', '-P', 'FORWARD', 'DROP']);
    await addNetwork('two', 8082);
    const before = [await forwardRules(), await host.run(['nft', '-s', 'list', 'ruleset'])];
    await addNetwork('one', 8081);
    expect(await forwardRules()).toContain('one0');
    await host.run([EXECUTABLE, 'network', 'rm', '--force', 'one']);
    expect([await forwardRules(), await host.run(['nft', '-s', 'list', 'ruleset'])]).toEqual(before);
    expect(await ask(host, '10.92.0.1', 8082)).toBe('two');
    expect(await ask(host, '10.92.0.1', 8081)).toBe('');
  });

  it('leaves the subnet of another network on the bridge that has the removed one in it', async () => {
    for (const [name, subnet, hostPort] of [
      ['wide', '10.91.0.0/16', 8081],
      ['inner', '10.91.3.0/24', 8082],
    ] as const) {
      const isGateway = name === 'wide';
      const conf = { bridge: 'shared0', isGateway, ipam: { ranges: [[{ subnet }]], allowOverlap: true } };
      const list = { cniVersion: '1.0.0', name, plugins: [{ type: 'flatnet', ...conf }] };
      await writeFile(host.file(`/etc/cni/net.d/${name}.conflist`), JSON.stringify(list));
      const runtimeConfig = { portMappings: [{ hostPort, containerPort: 80 }] };
      const sandbox = await host.addSandbox(name);
      await attach(host, sandbox, { containerID: name, conf: { name, ...conf, runtimeConfig } });
      await serve(sandbox, { port: 80, answer: name });
    }
    await host.run([EXECUTABLE, 'network', 'rm', '--force', 'inner']);
    expect(await ask(host, '10.91.0.1', 8081)).toBe('wide');
  });

  it('takes the tables away with the last network, and not before', async () => {
    const tables = () => host.run(['nft', 'list', 'tables']);
    const before = await tables();
    await addNetwork('one', 8081);
    await addNetwork('two', 8082);
    await host.run([EXECUTABLE, 'network', 'rm', '--force', 'one']);
    expect(await tables()).toContain('table inet flatnet');
    const said = await host.run([EXECUTABLE, 'network', 'rm', '--force', 'two']);
    expect(await tables()).toBe(before);
    expect(said).toContain('removed table inet flatnet\nremoved table bridge flatnet\n');
  });

  it('leaves the tables where a network of another directory has something in them', async () => {
    await addNetwork('one', 8081);
    await addNetwork('two', 8082);
    await host.run(['rm', '/etc/cni/net.d/two.conflist']);
    await host.run([EXECUTABLE, 'network', 'rm', '--force', 'one']);
    expect(await ask(host, '10.92.0.1', 8082)).toBe('two');
  });
});
