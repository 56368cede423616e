import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { allocated, attach, invoke, pairs } from '../fixtures/plugin.ts';

let host: Host;

beforeAll(ensureExecutable, 120_000);
beforeEach(async () => {
  host = await createHost();
});
afterEach(() => host.dispose());

/** Puts a kernel in place, as far as nft can show one, that does not know what these words ask for. */
async function lack(...words: readonly string[]): Promise<void> {
  await host.run(['cp', '--dereference', '/usr/sbin/nft', '/run/nft']);
  const refusals = words.map(
    (word) => `*'${word}'*) echo 'Error: Could not process rule: No such file or directory' >&2; exit 1 ;;`,
  );
  const script = `#!/bin/sh
echo "$*" >> /run/nft-calls
case "$*" in ${refusals.join('\n')}
esac
exec /run/nft "$@"
`;
  writeFileSync(host.file('/run/lacking-nft'), script, { mode: 0o755 });
  await host.run(['mount', '--bind', '/run/lacking-nft', '/usr/sbin/nft']);
}

const calls = () => readFileSync(host.file('/run/nft-calls'), 'utf8').trim().split('\n');

const PORTS = { runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80 }] } };

/** A refusal that has to leave nothing. */
async function refusal(conf: object): Promise<any> {
  const sandbox = await host.addSandbox('refused');
  const before = [await host.snapshot(), await sandbox.snapshot()];
  const { exitCode, json } = await invoke(host, 'ADD', {
    containerID: 'refused',
    netns: sandbox.path,
    conf: { ...conf },
  });
  expect(exitCode).toBe(1);
  expect([await host.snapshot(), await sandbox.snapshot()]).toEqual(before);
  expect([await pairs(host), await allocated(host)]).toEqual([[], []]);
  return json;
}

describe('a kernel that lacks a part of nftables', () => {
  it.each([
    {
      word: 'ct state',
      conf: PORTS,
      said: /^Cannot publish ports: the kernel lacks nftables' "ct" \(nft_ct\)$/,
    },
    {
      word: 'snat ip to',
      conf: { ipMasq: true, outbound_addr4: '192.0.2.77' },
      said: /^Cannot choose the source address \("outbound_addr4", "outbound_addr6"\): the kernel lacks nftables' "snat" \(nft_nat\)$/,
    },
    {
      word: 'dnat',
      conf: PORTS,
      said: /^Cannot publish ports: the kernel lacks nftables' "dnat" \(nft_nat\)$/,
    },
    { word: 'masquerade', conf: { ipMasq: true }, said: /^Cannot masquerade .*"masquerade" \(nft_masq\)$/ },
    { word: 'add table inet', conf: { internal: true }, said: /^Cannot isolate networks .*family "inet"/ },
  ])('refuses what needs "$word" by name, before anything is made', async ({ word, conf, said }) => {
    await lack(word);
    expect(await refusal(conf)).toMatchObject({
      code: 50,
      msg: expect.stringMatching(said),
      details: expect.stringMatching(/wsl --update|sudo modprobe/),
    });
  });

  it('still masquerades where it cannot publish ports, and isolates where it can do neither', async () => {
    await lack('ct state', 'dnat');
    await attach(host, await host.addSandbox('web'), { containerID: 'web', conf: { ipMasq: true } });
    expect(await host.run(['nft', 'list', 'ruleset'])).toContain('masquerade-flatnet');
    const conf = {
      name: 'other',
      bridge: 'other0',
      internal: true,
      ipam: { ranges: [[{ subnet: '10.99.0.0/24' }]] },
    };
    await attach(host, await host.addSandbox('db'), { containerID: 'db', conf });
    expect(await host.run(['nft', 'list', 'ruleset'])).toContain('chain isolation');
  });

  it('is asked again by the next ADD, for a module may bring what was missing', async () => {
    await lack('dnat');
    await refusal(PORTS);
    await host.run(['umount', '/usr/sbin/nft']);
    await attach(host, await host.addSandbox('again'), { containerID: 'again', conf: PORTS });
  });

  it('is not held to lack what nft failed at for another reason', async () => {
    await lack('dnat');
    const script = readFileSync(host.file('/run/lacking-nft'), 'utf8');
    writeFileSync(
      host.file('/run/lacking-nft'),
      script.replace('No such file or directory', 'Cannot allocate memory'),
    );
    const json = await refusal(PORTS);
    expect(json).toMatchObject({ code: 105, details: expect.stringContaining('Cannot allocate memory') });
  });

  it('gets back, by reload, all that it can do', async () => {
    await attach(host, await host.addSandbox('web'), {
      containerID: 'web',
      conf: { ...PORTS, ipMasq: true },
    });
    await host.run(['nft', 'flush', 'ruleset']);
    await host.run(['rm', '-r', '/run/flatnet']);
    await lack('dnat');
    const { exitCode, stderr } = await host.exec([EXECUTABLE, 'reload']);
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringContaining('Cannot publish ports: the kernel lacks'),
    ]);
    expect(await host.run(['nft', 'list', 'ruleset'])).toContain('masquerade-flatnet');
  });

  it('does not keep DEL from removing everything, nor reload from saying what it cannot do', async () => {
    const web = await host.addSandbox('web');
    const conf = { ...PORTS, ipMasq: true };
    await attach(host, web, { containerID: 'web', conf });
    await host.run(['nft', 'flush', 'ruleset']);
    await host.run(['rm', '-r', '/run/flatnet']);
    await lack('dnat');
    const { exitCode, stderr } = await host.exec([EXECUTABLE, 'reload']);
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringContaining('Cannot publish ports: the kernel lacks'),
    ]);
    expect((await invoke(host, 'DEL', { containerID: 'web', conf })).exitCode).toBe(0);
    expect([await pairs(host), await allocated(host)]).toEqual([[], []]);
  });
});

describe('a kernel that has all of it', () => {
  it('is asked in one run for each function, and by no later ADD', async () => {
    await lack();
    const conf = { ...PORTS, ipMasq: true };
    await attach(host, await host.addSandbox('web'), { containerID: 'web', conf });
    const probes = () => calls().filter((call) => call.startsWith('-c ')).length;
    expect(probes()).toBe(2);
    const other = { ...conf, runtimeConfig: { portMappings: [{ hostPort: 8081, containerPort: 80 }] } };
    await attach(host, await host.addSandbox('other'), { containerID: 'other', conf: other });
    expect(probes()).toBe(2);
  });
});
