import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PLAIN_ENVIRONMENT } from '../../conformance/exec.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { createMachine, IMAGE, type Machine } from './machine.ts';
import { FLATNET, networkLike } from './networks.ts';
import { expectNothingLeft } from './remains.ts';

const TINY = networkLike('tiny', { bridge: 'tiny-br0', ipam: { ranges: [[{ subnet: '10.98.0.0/29' }]] } });
const TYPO = networkLike('typo', { mtu: 'big' });

let machine: Machine;

beforeAll(ensureExecutable);
beforeEach(async () => {
  machine = await createMachine(FLATNET, TINY, TYPO);
});
afterEach(() => machine.dispose());

/** Starts a container, which has to fail, and returns the one line in which Podman says why. */
async function refusal(...options: readonly string[]): Promise<string> {
  const { exitCode, stderr } = await machine.podman('run', '--rm', ...options, IMAGE, 'true');
  expect(exitCode, stderr).toBe(126);
  const errors = stderr.split('\n').filter((line) => line.startsWith('Error: '));
  expect(errors).toHaveLength(1);
  return errors[0] ?? '';
}

/** Calls the plugin as libcni would: what Podman itself never lets happen. */
async function call(words: readonly string[], input: string, netns: string) {
  const env = {
    ...PLAIN_ENVIRONMENT,
    CNI_COMMAND: 'ADD',
    CNI_CONTAINERID: 'c1',
    CNI_NETNS: netns,
    CNI_IFNAME: 'eth0',
    CNI_PATH: '/usr/lib/cni',
  };
  const { exitCode, stdout } = await machine.host.exec([...words, EXECUTABLE], { env, input });
  return { exitCode, error: JSON.parse(stdout) };
}

const CONFIGURATION = JSON.stringify({ cniVersion: '1.0.0', name: 'flatnet', type: 'flatnet' });

describe('podman run says in one line what is wrong and what to do, and leaves nothing', () => {
  it('when no address is left; a freed one serves the next', async () => {
    const holders = ['a', 'b', 'c', 'd', 'e'];
    for (const name of holders) await machine.web(name, '--network=tiny');

    const line = await refusal('--network=tiny');

    expect(line).toContain('no address left');
    expect(line).toContain('10.98.0.1-10.98.0.6');
    expect(line).toContain('Remove containers, widen the range');
    expect(Object.keys(await machine.allocations())).toHaveLength(holders.length);
    await machine.succeed('rm', '--force', '--time=0', 'c');
    await machine.web('f', '--network=tiny');
    expect((await machine.endpoint('f', 'tiny')).IPAddress).toBe('10.98.0.4');
    await expectNothingLeft(machine, [TINY]);
  });

  it('when the bridge cannot be made because its name is taken', async () => {
    await machine.host.run(['ip', 'link', 'add', 'flatnet-br0', 'type', 'veth', 'peer', 'name', 'other']);

    const line = await refusal('--network=flatnet');

    expect(line).toContain('"flatnet-br0" exists but is not a bridge');
    expect(line).toContain('ip -d address show flatnet-br0');
    expect(await machine.allocations()).toEqual({});
    await machine.host.run(['ip', 'link', 'delete', 'flatnet-br0']);
    await machine.web('afterwards');
    await expectNothingLeft(machine, [FLATNET]);
  });

  it('when the veth pair cannot be made because the interface is there already', async () => {
    const line = await refusal('--network=flatnet:interface_name=lo');

    expect(line).toContain('Interface "lo" exists already');
    expect(line).toContain('must name an interface that is not in use');
    await machine.web('afterwards');
    await expectNothingLeft(machine, [FLATNET]);
  });

  it('when a value in the configuration has the wrong type', async () => {
    const line = await refusal('--network=typo');

    expect(line).toContain(
      'Invalid "mtu" in the configuration of network "typo": "big": expected a whole number from 68 to 65535',
    );
    await machine.web('afterwards');
    await expectNothingLeft(machine, [FLATNET]);
  });
});

describe('flatnet says what is wrong and what to do, and leaves nothing', () => {
  let netns: string;
  let untouched: readonly string[];

  beforeEach(async () => {
    netns = (await machine.host.addSandbox('sandbox')).path;
    untouched = await machine.host.snapshot();
  });

  afterEach(async () => {
    expect(await machine.host.snapshot()).toEqual(untouched);
    expect(await machine.allocations()).toEqual({});
    expect(await machine.host.run(['ip', '-n', 'sandbox', '-brief', 'link'])).toMatch(/^lo\b[^\n]*\n$/);
  });

  it('when the network namespace does not exist', async () => {
    expect(await call([], CONFIGURATION, '/run/netns/gone')).toMatchObject({
      exitCode: 1,
      error: {
        code: 103,
        msg: expect.stringContaining('"/run/netns/gone"'),
        details: expect.stringContaining('start the container again'),
      },
    });
  });

  it('when the configuration is cut off', async () => {
    expect(await call([], CONFIGURATION.slice(0, -5), netns)).toMatchObject({
      exitCode: 1,
      error: { code: 6, msg: expect.stringContaining('not valid JSON') },
    });
  });

  it('when it does not run as root', async () => {
    expect(await call(['setpriv', '--reuid=65534'], CONFIGURATION, netns)).toMatchObject({
      exitCode: 1,
      error: {
        msg: expect.stringContaining('not running as root'),
        details: expect.stringContaining('sudo'),
      },
    });
  });

  it('when root may not make interfaces', async () => {
    const without = ['setpriv', '--bounding-set=-net_admin', '--inh-caps=-net_admin'];
    expect(await call(without, CONFIGURATION, netns)).toMatchObject({
      exitCode: 1,
      error: { details: expect.stringContaining('CAP_NET_ADMIN') },
    });
  });
});
