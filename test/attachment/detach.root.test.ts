import { readFile } from 'node:fs/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable } from '../executable.ts';
import { allocated, attach, invoke, pairs } from '../fixtures/plugin.ts';
import { isLacking } from '../profiles/lacking.ts';

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

/** What the last line of the log warns of. */
async function lastWarnings(): Promise<unknown> {
  const log = await readFile(host.file('/var/log/flatnet/cni.log'), 'utf8');
  return JSON.parse(log.trimEnd().split('\n').at(-1) ?? '').warnings;
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

describe('DEL with something wrong in what it does not need', () => {
  const dual = { ranges: [[{ subnet: '10.9.1.0/24' }], [{ subnet: 'fd00:9::/64' }]] };
  const conf = {
    ipam: dual,
    runtimeConfig: { portMappings: [WEB, { ...WEB, hostPort: 8081, hostIP: '::1' }] },
  };

  it.each<[string, object, string?]>([
    ['a prevResult of no result', { prevResult: { cniVersion: '1.0.0', ips: [{ address: '10.9.1.2' }] } }],
    ['a network that lost its IPv6', { ipam: { ranges: [[{ subnet: '10.9.1.0/24' }]] } }],
    ['an exclusion outside of the subnet', { ipam: { subnet: '10.9.1.0/24', exclude: ['10.9.2.1'] } }],
    ['a key that is not supported', { vlan: 7 }],
    ['a MAC that is none', {}, 'IgnoreUnknown=1;MAC=nonsense'],
    ['arguments that are no pairs', {}, 'x'],
  ])('removes everything in spite of %s, and says so in the log', async (_what, change, args = '') => {
    const sandbox = await container('web', conf);
    const call = { containerID: 'web', netns: sandbox.path, conf: { ...conf, ...change }, args };
    expect(await invoke(host, 'DEL', call)).toMatchObject({ exitCode: 0, stdout: '' });
    expect([await pairs(host), await allocated(host)]).toEqual([[], []]);
    expect(await ports()).not.toContain('8080');
    expect(await lastWarnings()).toEqual([expect.stringMatching(/^(Invalid|Cannot (use|do)) /)]);
  });

  it.each([
    ['the data directory', { ipam: { dataDir: 'here' } }, 7],
    ['the IPAM plugin', { ipam: { type: 7 } }, 7],
    ['the version', { cniVersion: '9.9.9' }, 1],
  ])('is refused where %s is wrong, without which it finds nothing', async (_what, change, code) => {
    expect((await invoke(host, 'DEL', { conf: change })).json).toMatchObject({ code });
  });
});

describe('DEL of an attachment whose host name is that of another, as chance has it', () => {
  const limited = {
    ...PUBLISHED,
    macspoofchk: !isLacking('macspoofchk'),
    runtimeConfig: {
      ...PUBLISHED.runtimeConfig,
      ...(isLacking('bandwidth') ? {} : { bandwidth: { egressRate: 8_000_000, egressBurst: 800_000 } }),
    },
  };

  async function becomeAnothers(): Promise<void> {
    const [name = ''] = await pairs(host);
    const alias = 'flatnet/1;net=flatnet;id=other;if=eth0;ip=10.87.1.2/24;gw=10.87.1.1';
    await host.run(['ip', 'link', 'set', 'dev', name, 'alias', alias]);
  }

  it.each([
    ['although its own address is remembered', limited, false],
    ['although nothing is remembered', limited, true],
    [
      'although another plugin gave the addresses',
      {
        ...limited,
        ipam: { type: 'host-local', ranges: [[{ subnet: '10.91.0.0/24' }]], dataDir: '/run/hl' },
      },
      false,
    ],
  ])('leaves link, rules, limit and note of the other, %s, and says so', async (_what, conf, isForgotten) => {
    await container('web', conf);
    await becomeAnothers();
    if (isForgotten) await host.run(['rm', '/var/lib/flatnet/ipam/allocations.json']);
    const marks = () => host.run(['ls', '/run/flatnet']);
    const before = [await host.snapshot(), await marks()];
    expect(await invoke(host, 'DEL', { containerID: 'web', conf })).toMatchObject({ exitCode: 0 });
    expect([await host.snapshot(), await marks()]).toEqual(before);
    expect(await lastWarnings()).toEqual([expect.stringContaining('belongs to another attachment')]);
  });

  it('releases its address', async () => {
    await container('web', PUBLISHED);
    await becomeAnothers();
    await remove('web');
    expect(await allocated(host)).toEqual([]);
  });
});
