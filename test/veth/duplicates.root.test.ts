import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable } from '../executable.ts';
import { allocated, attach, invoke } from '../fixtures/plugin.ts';
import { reaches } from '../fixtures/traffic.ts';

let host: Host;
let sandbox: Sandbox;

const CONF = {
  bridge: 'lan0',
  enabledad: true,
  ipam: { ranges: [[{ subnet: '10.91.0.0/24' }], [{ subnet: 'fd00:1::/64' }]] },
};

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
  sandbox = await host.addSandbox('box');
});
afterEach(() => host.dispose());

/** A machine on the bridge that flatnet knows nothing of. */
async function addStranger(address: string): Promise<void> {
  const stranger = await host.addSandbox('stranger');
  await host.run(['ip', 'link', 'add', 'name', 'lan0', 'type', 'bridge']);
  await host.run(['ip', 'link', 'set', 'dev', 'lan0', 'up']);
  await host.run([
    'ip',
    'link',
    'add',
    'name',
    'port0',
    'type',
    'veth',
    'peer',
    'name',
    'lan0',
    'netns',
    'stranger',
  ]);
  await host.run(['ip', 'link', 'set', 'dev', 'port0', 'master', 'lan0', 'up']);
  await stranger.run(['ip', 'address', 'add', address, 'dev', 'lan0', 'nodad']);
  await stranger.run(['ip', 'link', 'set', 'dev', 'lan0', 'up']);
}

describe('"enabledad": true', () => {
  it('has an IPv6 address that is known to be nobody else’s when ADD returns', async () => {
    await attach(host, sandbox, { conf: CONF });
    const seen = await sandbox.run(['ip', '-6', 'address', 'show', 'dev', 'eth0', 'scope', 'global']);
    expect(seen).toContain('fd00:1::2/64');
    expect(seen).not.toMatch(/tentative|dadfailed/);
    expect(await reaches(sandbox, 'fd00:1::1')).toBe(true);
    expect(await reaches(sandbox, '10.91.0.1')).toBe(true);
  });

  it('refuses an address that another machine on the bridge has, and leaves nothing', async () => {
    await addStranger('fd00:1::2/64');
    const { json } = await invoke(host, 'ADD', { netns: sandbox.path, conf: CONF });
    expect(json).toMatchObject({
      code: 102,
      msg: 'Cannot give "eth0" its IPv6 address on network "flatnet": another machine on the bridge has fd00:1::2 already',
    });
    expect(json.details).toContain('"ipam.exclude"');
    expect(await allocated(host)).toEqual([]);
    expect(await sandbox.run(['ip', '-o', 'link'])).not.toContain('eth0');
    expect(await host.run(['ip', '-o', 'link', 'show', 'type', 'veth'])).not.toMatch(/: fn/);
  });

  it('asks when the bridge passes it on, and says when it never does', async () => {
    await addStranger('fd00:1::9/64');
    await host.run(['ip', 'link', 'set', 'dev', 'lan0', 'type', 'bridge', 'stp_state', '1']);
    const { json } = await invoke(host, 'ADD', { netns: sandbox.path, conf: CONF });
    expect(json.msg).toMatch(/its port is (listening|learning) after 5 s/);
    expect(await allocated(host)).toEqual([]);
  });
});

describe('without it', () => {
  it('the address is there at once, whoever else has it', async () => {
    await addStranger('fd00:1::2/64');
    await attach(host, sandbox, { conf: { ...CONF, enabledad: false } });
    const seen = await sandbox.run(['ip', '-6', 'address', 'show', 'dev', 'eth0', 'scope', 'global']);
    expect(seen).not.toMatch(/tentative|dadfailed/);
  });
});
