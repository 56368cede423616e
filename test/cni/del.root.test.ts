// Covers: cni/del.ts, cni/publish.ts
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable } from '../executable.ts';
import { attach, invoke } from '../fixtures/plugin.ts';

const WEB = { hostPort: 8080, containerPort: 80, protocol: 'tcp' } as const;
const PUBLISHED = { ipMasq: true, runtimeConfig: { portMappings: [WEB] } };

let host: Host;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
});
afterEach(() => host.dispose());

async function container(containerID: string, conf: Readonly<Record<string, unknown>>): Promise<Sandbox> {
  const sandbox = await host.addSandbox(containerID);
  await attach(host, sandbox, { containerID, conf });
  return sandbox;
}

/** The port map of the packet filter. */
function ports(): Promise<string> {
  return host.run(['nft', 'list', 'map', 'inet', 'flatnet', 'ports4']);
}

async function remove(containerID: string): Promise<void> {
  expect(await invoke(host, 'DEL', { containerID, conf: PUBLISHED })).toMatchObject({ exitCode: 0 });
}

describe('DEL of a published port that another allocation remembers too', () => {
  beforeEach(async () => {
    const first = await container('first', PUBLISHED);
    await first.run(['ip', 'link', 'del', 'eth0']);
    await container('web', PUBLISHED);
  });

  it('removes it where the other is dead: its address goes to the next container', async () => {
    await remove('web');
    expect(await ports()).not.toContain('8080');
  });

  it('leaves it to the other where that is alive', async () => {
    await remove('first');
    expect(await ports()).toContain('tcp . 8080');
    await remove('web');
    expect(await ports()).not.toContain('8080');
  });
});
