import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host } from '../../conformance/host.ts';
import { ensureExecutable } from '../executable.ts';
import { reaches } from '../fixtures/links.ts';
import { allocated, attach, invoke, pairs } from '../fixtures/plugin.ts';

let host: Host;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
});
afterEach(() => host.dispose());

describe('GC', () => {
  const conf = { cniVersion: '1.1.0' };

  it('frees what is not in the list and keeps what is', async () => {
    const kept = await host.addSandbox();
    await attach(host, kept);
    await attach(host, await host.addSandbox(), { containerID: 'stale' });
    const valid = [{ containerID: 'box1', ifname: 'eth0' }];
    expect(
      (await invoke(host, 'GC', { conf: { ...conf, 'cni.dev/valid-attachments': valid } })).exitCode,
    ).toBe(0);
    expect(await allocated(host)).toEqual(['flatnet/10.87.1.2']);
    expect(await pairs(host)).toHaveLength(1);
    expect(await reaches(host, '10.87.1.2')).toBe(true);
  });

  it('frees everything for an empty list, but nothing of another network', async () => {
    await attach(host, await host.addSandbox());
    const other = { name: 'other', bridge: 'other0', ipam: { ranges: [[{ subnet: '10.99.0.0/24' }]] } };
    await attach(host, await host.addSandbox(), { conf: other, containerID: 'box2' });
    await invoke(host, 'GC', { conf: { ...conf, 'cni.dev/valid-attachments': [] } });
    expect(await allocated(host)).toEqual(['other/10.99.0.2']);
    expect(await pairs(host)).toHaveLength(1);
  });

  it('finds the link of an ADD that was killed before it could name it', async () => {
    const { interfaces } = await attach(host, await host.addSandbox());
    await host.run(['ip', 'link', 'set', 'dev', interfaces[1].name, 'alias', '']);
    await invoke(host, 'GC', { conf: { ...conf, 'cni.dev/valid-attachments': [] } });
    expect([await pairs(host), await allocated(host)]).toEqual([[], []]);
  });

  it('does not touch a link whose alias names a valid attachment, whatever the state says of its name', async () => {
    const { interfaces } = await attach(host, await host.addSandbox());
    const alias = 'flatnet/1;net=flatnet;id=other;if=eth0;ip=;gw=';
    await host.run(['ip', 'link', 'set', 'dev', interfaces[1].name, 'alias', alias]);
    const valid = [{ containerID: 'other', ifname: 'eth0' }];
    await invoke(host, 'GC', { conf: { ...conf, 'cni.dev/valid-attachments': valid } });
    expect(await pairs(host)).toEqual([interfaces[1].name]);
  });

  it('frees nothing when the list is absent', async () => {
    await attach(host, await host.addSandbox());
    expect((await invoke(host, 'GC', { conf })).exitCode).toBe(0);
    expect(await allocated(host)).toEqual(['flatnet/10.87.1.2']);
  });
});
