import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { attach, invoke } from '../fixtures/plugin.ts';
import { addOutside, ask, HOST_ADDRESS, serve } from '../fixtures/traffic.ts';

let host: Host;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
  await addOutside(host);
});
afterEach(() => host.dispose());

/** A network whose containers publish a port. */
function network(name: string, hostPort: number, ipam: Readonly<Record<string, unknown>>) {
  const runtimeConfig = { portMappings: [{ hostPort, containerPort: 80 }] };
  return { name, bridge: `${name}0`, runtimeConfig, ipam };
}

async function container(id: string, conf: Readonly<Record<string, unknown>>): Promise<Sandbox> {
  const sandbox = await host.addSandbox(id);
  const prevResult = await attach(host, sandbox, { containerID: id, conf });
  await serve(sandbox, { port: 80, answer: id });
  const check = { containerID: id, netns: sandbox.path, conf: { ...conf, prevResult } };
  expect((await invoke(host, 'CHECK', check)).stdout).toBe('');
  return sandbox;
}

const listed = () => host.run(['nft', 'list', 'set', 'inet', 'flatnet', 'hairpin4']);

describe('a container reaches its own published port', () => {
  it('on networks with subnets one within the other', async () => {
    const wide = await container('wide', network('wide', 8081, { subnet: '10.8.0.0/16' }));
    const small = { subnet: '10.8.3.0/24', allowOverlap: true };
    const narrow = await container('narrow', network('small', 8082, small));
    expect(await ask(wide, HOST_ADDRESS, 8081)).toBe('wide');
    expect(await ask(narrow, HOST_ADDRESS, 8082)).toBe('narrow');
  });

  it.each([
    ['narrowed', '10.8.0.0/16', '10.8.5.0/24'],
    ['widened', '10.8.5.0/24', '10.8.0.0/16'],
  ])('on a network whose subnet was %s', async (_how, before, after) => {
    const former = network('one', 8081, { subnet: before });
    await container('former', former);
    await invoke(host, 'DEL', { containerID: 'former', conf: former });
    await host.run(['ip', 'address', 'flush', 'dev', 'one0']);
    const first = await container('first', network('one', 8082, { subnet: after }));
    const second = await container('second', network('one', 8083, { subnet: after }));
    const answers = async () => [await ask(first, HOST_ADDRESS, 8082), await ask(first, HOST_ADDRESS, 8083)];
    expect(await answers()).toEqual(['first', 'second']);
    await host.run([EXECUTABLE, 'reload']);
    expect(await answers()).toEqual(['first', 'second']);
    expect(await listed()).toContain(`{ "one0" . ${after} . ${after} }`);
    expect(await ask(second, HOST_ADDRESS, 8082)).toBe('first');
  });
});
