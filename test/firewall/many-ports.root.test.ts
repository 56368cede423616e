import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createHost, type Host } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { attach, invoke } from '../fixtures/plugin.ts';

let host: Host;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
});
afterEach(() => host.dispose());

function publish(first: number, count: number) {
  const ports = Array.from({ length: count }, (_, at) => first + at);
  return { runtimeConfig: { portMappings: ports.map((port) => ({ hostPort: port, containerPort: port })) } };
}

const published = async () =>
  (await host.run(['nft', 'list', 'map', 'inet', 'flatnet', 'ports4'])).split('comment').length - 1;

it('thousands of ports are published by the first container, put back, and gone with it', async () => {
  const box = await host.addSandbox('box');
  await attach(host, box, { conf: publish(20_000, 5_000) });
  expect(await published()).toBe(5_000);
  await host.run(['nft', 'flush', 'ruleset']);
  await host.run([EXECUTABLE, 'reload']);
  expect(await published()).toBe(5_000);
  await host.run(['rm', '-r', '/var/lib/flatnet']);
  expect((await invoke(host, 'DEL')).exitCode).toBe(0);
  expect(await published()).toBe(0);
});

it('a failure with thousands of ports says its cause', async () => {
  await host.run([
    'nft',
    'add table inet flatnet; add chain inet flatnet ports-in { type filter hook input priority 0; }',
  ]);
  const { path } = await host.addSandbox('box');
  const { json } = await invoke(host, 'ADD', { netns: path, conf: publish(20_000, 5_000) });
  expect(json.code).toBe(105);
  expect(json.details.length).toBeLessThan(1_000);
  expect(json.details).toMatch(/failed with exit code 1: Error: Could not process rule: /);
});
