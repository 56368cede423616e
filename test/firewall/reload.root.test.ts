import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { until } from '../../src/sys/clock.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { attach, invoke } from '../fixtures/plugin.ts';
import { addOutside, ask, HOST_ADDRESS, OUTSIDE_ADDRESS, reaches, serve } from '../fixtures/traffic.ts';
import { isLacking } from '../profiles/lacking.ts';

let host: Host;
let outside: Sandbox;
let web: Sandbox;

const CONF = {
  cniVersion: '1.0.0',
  ipMasq: true,
  macspoofchk: !isLacking('macspoofchk'),
  runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80 }] },
};
let result: any;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
  outside = await addOutside(host);
  await host.run(['iptables', '-P', 'FORWARD', 'DROP']);
  web = await host.addSandbox('web');
  result = await attach(host, web, { conf: CONF });
  await serve(web, { port: 80, answer: 'web' });
});
afterEach(() => host.dispose());

async function check() {
  const { json } = await invoke(host, 'CHECK', { netns: web.path, conf: { ...CONF, prevResult: result } });
  return json === undefined ? undefined : `${json.msg}; ${json.details}`;
}

describe('flatnet reload', () => {
  it('puts back every rule after all were flushed, without any configuration', async () => {
    const before = await host.snapshot();
    await host.run(['nft', 'flush', 'ruleset']);
    await host.run(['iptables', '-P', 'FORWARD', 'DROP']);
    expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('');
    expect(await reaches(web, OUTSIDE_ADDRESS)).toBe(false);
    expect(await host.run([EXECUTABLE, 'reload'])).toBe(
      'Restored the rules of 1 container on flatnet, with 1 published port.\n',
    );
    expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('web');
    expect(await reaches(web, OUTSIDE_ADDRESS)).toBe(true);
    expect(await host.snapshot()).toEqual(before);
    expect(await check()).toBeUndefined();
  });

  it('changes nothing where all is right, and drops what belongs to nobody', async () => {
    const before = await host.snapshot();
    await host.run([
      'nft',
      'add',
      'element',
      'inet',
      'flatnet',
      'ports4',
      '{ tcp . 99 comment "fn0000000000000" : 10.87.1.9 . 80 }',
    ]);
    await host.run([EXECUTABLE, 'reload']);
    expect(await host.snapshot()).toEqual(before);
  });

  it('runs by itself after a flush where examples/flatnet-watch does', async () => {
    const watch = join(import.meta.dirname, '../../examples/flatnet-watch');
    host.start([watch, EXECUTABLE]);
    // nft says nothing when it begins to listen: flush until it heard, each time with time for a reload.
    const answer = async () => (await ask(outside, HOST_ADDRESS, 8080)) || undefined;
    await expect
      .poll(
        async () => {
          await host.run(['nft', 'add table inet flatnet; delete table inet flatnet']);
          return until(answer, { timeoutMs: 4_000, everyMs: 50 });
        },
        { timeout: 20_000 },
      )
      .toBe('web');
  });

  it('finds the state that lies elsewhere by --data-dir', async () => {
    const other = await host.addSandbox('other');
    const ipam = { type: 'flatnet', dataDir: '/var/lib/elsewhere', ranges: [[{ subnet: '10.99.0.0/24' }]] };
    const conf = { ...CONF, name: 'other', bridge: 'other0', ipam };
    const runtimeConfig = { portMappings: [{ hostPort: 8081, containerPort: 80 }] };
    await attach(host, other, { containerID: 'other', conf: { ...conf, runtimeConfig } });
    await host.run(['nft', 'flush', 'ruleset']);
    // Without a network list nothing tells a directory that is elsewhere from one that was lost.
    for (const place of [[], ['--data-dir', '/var/lib/elsewhere']]) {
      const { exitCode, stderr } = await host.exec([EXECUTABLE, 'reload', ...place]);
      expect([exitCode, stderr]).toEqual([
        1,
        expect.stringContaining('no file in the network directories defines its network'),
      ]);
    }
    const ports = await host.run(['nft', 'list', 'map', 'inet', 'flatnet', 'ports4']);
    expect(ports).toMatch(/tcp \. 8080 .*\n?.*tcp \. 8081 |tcp \. 8081 .*\n?.*tcp \. 8080 /);
  });
});

const SPOOF_LOSSES: readonly [string, readonly string[], string][] = [
  [
    'a chain of the spoof check',
    ['nft', 'flush', 'chain', 'bridge', 'flatnet', 'spoof-check'],
    'Chain "bridge flatnet spoof-check" has lost rules',
  ],
  ['a spoof check', ['nft', 'flush', 'set', 'bridge', 'flatnet', 'macs'], 'Rule "macs" of'],
];

describe('CHECK', () => {
  it('passes right after ADD', async () => {
    expect(await check()).toBeUndefined();
  });

  it.each([
    [
      'a published port',
      ['nft', 'flush', 'map', 'inet', 'flatnet', 'ports4'],
      'Published port "tcp . 8080" to 10.87.1.2 . 80 is gone',
    ],
    [
      'a chain',
      ['nft', 'flush', 'chain', 'inet', 'flatnet', 'ports-in'],
      'Chain "inet flatnet ports-in" has lost rules',
    ],
    ...(isLacking('spoofTable') ? [] : SPOOF_LOSSES),
    [
      'masquerade',
      ['nft', 'flush', 'chain', 'inet', 'flatnet', 'masquerade-flatnet'],
      'Masquerade rule for 10.87.1.0/24 is gone',
    ],
    [
      'forwarding',
      ['iptables', '-F', 'FORWARD'],
      'Chain "ip filter FORWARD" may drop forwarded packets of bridge "flatnet-br0"',
    ],
  ])('names the missing rule of %s', async (_what, command, sentence) => {
    await host.run(command);
    expect(await check()).toContain(sentence);
  });
});

describe('GC', () => {
  it('removes the published ports of a container that is gone', async () => {
    const conf = { ...CONF, cniVersion: '1.1.0', 'cni.dev/valid-attachments': [] };
    await invoke(host, 'GC', { conf });
    expect(await host.run(['nft', 'list', 'table', 'inet', 'flatnet'])).not.toContain('8080');
    expect(await host.run(['nft', 'list', 'ruleset', 'bridge'])).not.toContain('comment');
  });
});

describe('the next ADD after all rules were flushed', () => {
  it('gives its own container all it needs', async () => {
    await host.run(['nft', 'flush', 'ruleset']);
    const other = await host.addSandbox('other');
    const runtimeConfig = { portMappings: [{ hostPort: 8081, containerPort: 80 }] };
    await attach(host, other, { containerID: 'other', conf: { ...CONF, runtimeConfig } });
    await serve(other, { port: 80, answer: 'other' });
    expect(await ask(outside, HOST_ADDRESS, 8081)).toBe('other');
    expect(await reaches(other, OUTSIDE_ADDRESS)).toBe(true);
  });
});
