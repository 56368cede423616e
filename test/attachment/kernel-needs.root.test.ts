import { writeFile } from 'node:fs/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable } from '../executable.ts';
import { allocated, attach, invoke } from '../fixtures/plugin.ts';
import { applyProfile } from '../profiles/apply.ts';
import { expectRefusal } from '../profiles/lacking.ts';

let host: Host;
let sandbox: Sandbox;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
  sandbox = await host.addSandbox();
});
afterEach(() => host.dispose());

const INGRESS = { ingressRate: 8_000_000, ingressBurst: 800_000 };
const EGRESS = { egressRate: 4_000_000, egressBurst: 400_000 };
const SCTP = { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'sctp' }] };

/** An ADD that has to fail and to leave nothing, not even the bridge. */
async function refusal(conf: Readonly<Record<string, unknown>>) {
  const links = () => host.run(['ip', '-br', 'link']);
  const before = await links();
  const answer = await invoke(host, 'ADD', { netns: sandbox.path, conf });
  expect([await links(), await allocated(host)]).toEqual([before, []]);
  return answer;
}

describe('on a kernel that lacks ifb and tbf', () => {
  beforeEach(() => applyProfile(host, 'wsl-5.15'));

  it.each([
    [{ ...INGRESS, ...EGRESS }, 'sch_tbf'],
    [INGRESS, 'sch_tbf'],
    [EGRESS, 'ifb'],
    [{ runtimeConfig: { bandwidth: EGRESS } }, 'ifb'],
  ])('a limit of the bandwidth is refused before anything is made: %j', async (conf, module) => {
    const answer = await refusal(conf);
    expectRefusal('bandwidth', answer);
    expect(answer.json.msg).toBe(`Cannot limit the bandwidth of "eth0": the kernel lacks "${module}"`);
    expect(answer.json.details).toContain('in Windows, run "wsl --update"');
  });

  it('a container without limits is attached, and STATUS refuses a network with limits', async () => {
    await attach(host, sandbox, { conf: { ipam: { ranges: [[{ subnet: '10.87.1.0/24' }]] } } });
    const { json } = await invoke(host, 'STATUS', { conf: { cniVersion: '1.1.0', ...EGRESS } });
    expect(json).toMatchObject({ code: 50, msg: expect.stringContaining('the kernel lacks "ifb"') });
  });
});

describe('limits of the bandwidth', () => {
  const asked = () => host.exec(['sh', '-c', 'cat /run/asked; rm /run/asked']);

  /** Notes who asks, and lets the true one answer. */
  beforeEach(async () => {
    await applyProfile(host, 'wsl-6.18');
    await writeFile(
      host.file('/run/unshare'),
      '#!/bin/sh\necho "$*" >>/run/asked\nexec /run/true-unshare "$@"\n',
      { mode: 0o755 },
    );
    await host.run(['touch', '/run/true-unshare']);
    await host.run(['mount', '--bind', '/usr/bin/unshare', '/run/true-unshare']);
    await host.run(['mount', '--bind', '/run/unshare', '/usr/bin/unshare']);
  });

  it('are looked for in the kernel once, and never for a container without', async () => {
    await attach(host, sandbox, { containerID: 'plain' });
    expect((await asked()).stdout).toBe('');
    await attach(host, await host.addSandbox(), { containerID: 'first', conf: EGRESS });
    expect((await asked()).stdout.trim().split('\n')).toHaveLength(2);
    await attach(host, await host.addSandbox(), { containerID: 'second', conf: EGRESS });
    expect((await asked()).stdout).toBe('');
  });

  it('are set where nobody may make a namespace to try them in', async () => {
    await writeFile(
      host.file('/run/unshare'),
      '#!/bin/sh\necho "unshare: unshare failed: Operation not permitted" >&2\nexit 1\n',
    );
    await attach(host, sandbox, { conf: EGRESS });
    expect(await host.run(['ip', '-br', 'link', 'show', 'type', 'ifb'])).toMatch(/^fb/);
  });

  it('are set though /run is full, and nothing can be noted', async () => {
    await host.run(['mkdir', '/run/flatnet']);
    await host.run(['mount', '-t', 'tmpfs', '-o', 'ro', 'tmpfs', '/run/flatnet']);
    await attach(host, sandbox, { conf: EGRESS });
    expect(await host.run(['ip', '-br', 'link', 'show', 'type', 'ifb'])).toMatch(/^fb/);
  });

  it('without tc are refused before anything is made, with the package that has it', async () => {
    await host.run(['mount', '--bind', '/dev/null', '/usr/sbin/tc']);
    expect((await refusal(INGRESS)).json).toMatchObject({
      code: 50,
      msg: expect.stringContaining('Cannot find "tc"'),
      details: 'install it: apt-get install iproute2',
    });
  });
});

describe('on a kernel that does not track SCTP', () => {
  beforeEach(() => applyProfile(host, 'wsl-5.15'));

  it('a port over SCTP is refused before anything is made', async () => {
    const answer = await refusal({ runtimeConfig: SCTP });
    expectRefusal('sctp', answer);
    expect(answer.json.details).toContain('publish the port over TCP or UDP');
  });
});

describe('on a kernel without bridges', () => {
  beforeEach(() => applyProfile(host, 'no-modules'));

  it.each(['ADD', 'STATUS'])(
    '%s names what is missing and what brings it, and leaves nothing',
    async (verb) => {
      const conf = { cniVersion: '1.1.0' };
      const { exitCode, json } = verb === 'ADD' ? await refusal(conf) : await invoke(host, verb, { conf });
      expect([exitCode, json]).toMatchObject([
        1,
        {
          code: 50,
          msg: 'Cannot make bridge "flatnet-br0": the kernel lacks "bridge"',
          details: expect.stringContaining('"kernelModules="'),
        },
      ]);
    },
  );

  it('a bridge that somebody made is used', async () => {
    await host.run(['/run/flatnet-profile/true-ip', 'link', 'add', 'flatnet-br0', 'type', 'bridge']);
    await attach(host, sandbox);
  });
});
