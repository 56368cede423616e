import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { attach, invoke } from '../fixtures/plugin.ts';
import { addOutside, OUTSIDE_ADDRESS, reaches } from '../fixtures/traffic.ts';

/*
 * A network is configured anew: what its attachments asked for before, and share, is not what the next ones find.
 */

let host: Host;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
  await addOutside(host);
});
afterEach(() => host.dispose());

const OPEN = { ipMasq: true };
const INTERNAL = { ipMasq: true, internal: true };

async function container(id: string, conf: Readonly<Record<string, unknown>>): Promise<Sandbox> {
  const sandbox = await host.addSandbox(id);
  await attach(host, sandbox, { containerID: id, conf });
  return sandbox;
}

const remove = (containerID: string) => invoke(host, 'DEL', { containerID });
const reload = () => host.run([EXECUTABLE, 'reload']);
const elements = (set: string) => host.run(['nft', 'list', 'set', 'inet', 'flatnet', set]);

describe('a network that is internal no more', () => {
  it('lets its next container out', async () => {
    await container('a', INTERNAL);
    await remove('a');
    expect(await reaches(await container('b', OPEN), OUTSIDE_ADDRESS)).toBe(true);
    expect(await elements('internal')).not.toContain('flatnet-br0');
  });

  it('stays closed as long as a container lives that was promised so', async () => {
    const a = await container('a', INTERNAL);
    await a.run(['ip', 'route', 'add', 'default', 'via', '10.87.1.1']);
    const b = await container('b', OPEN);
    await reload();
    expect([await reaches(a, OUTSIDE_ADDRESS), await reaches(b, OUTSIDE_ADDRESS)]).toEqual([false, false]);
    await remove('a');
    await container('c', OPEN);
    expect(await reaches(b, OUTSIDE_ADDRESS)).toBe(true);
  });

  it('closes again for one that asks for it', async () => {
    for (const [id, conf] of Object.entries({ a: INTERNAL, b: OPEN })) {
      await container(id, conf);
      await remove(id);
    }
    const c = await container('c', INTERNAL);
    await c.run(['ip', 'route', 'add', 'default', 'via', '10.87.1.1']);
    expect(await reaches(c, OUTSIDE_ADDRESS)).toBe(false);
  });

  it('is open after flatnet reload, which knows of the containers alone', async () => {
    await container('a', INTERNAL);
    await remove('a');
    const b = await container('b', OPEN);
    await host.run(['nft', 'add element inet flatnet internal { "flatnet-br0" }']);
    await reload();
    expect(await reaches(b, OUTSIDE_ADDRESS)).toBe(true);
  });
});

describe('an ingressPolicy that is open again', () => {
  it('is that for the next container, of a delegated IPAM too', async () => {
    const ipam = { type: 'host-local', subnet: '10.99.0.0/24' };
    await container('a', { ipam, ingressPolicy: 'isolated' });
    await invoke(host, 'DEL', { containerID: 'a', conf: { ipam } });
    expect(await elements('isolated')).toContain('flatnet-br0');
    await container('b', { ipam });
    expect(await elements('isolated')).not.toContain('flatnet-br0');
  });
});

describe('flatnet reload', () => {
  it('takes the masquerade away that a network asks for no more', async () => {
    await container('a', OPEN);
    await remove('a');
    await container('b', { ipMasq: false });
    await reload();
    expect(await host.run(['nft', 'list', 'ruleset'])).not.toContain('masquerade-flatnet');
  });

  it('leaves what keeps a bridge to itself whose containers are known elsewhere', async () => {
    const ipam = { dataDir: '/var/lib/elsewhere', ranges: [[{ subnet: '10.99.0.0/24' }]] };
    const a = await container('a', { ...INTERNAL, name: 'other', bridge: 'other0', ipam });
    await a.run(['ip', 'route', 'add', 'default', 'via', '10.99.0.1']);
    await container('b', OPEN);
    // Code 1, and the name of the container that is known to the other directory.
    for (const [words, unknown] of [
      [[], 'a'],
      [['--data-dir', '/var/lib/elsewhere'], 'b'],
    ] as const) {
      const { exitCode, stderr } = await host.exec([EXECUTABLE, 'reload', ...words]);
      expect([exitCode, stderr]).toEqual([1, expect.stringContaining(`container ${unknown}`)]);
      expect(await reaches(a, OUTSIDE_ADDRESS)).toBe(false);
    }
  });

  it('leaves the guard of 127.0.0.1 as long as the bridge leads there', async () => {
    const runtimeConfig = { portMappings: [{ hostPort: 8080, containerPort: 80 }] };
    await container('a', { runtimeConfig });
    await remove('a');
    await container('b', OPEN);
    await reload();
    expect(await elements('loopback')).toContain('flatnet-br0');
  });
});
