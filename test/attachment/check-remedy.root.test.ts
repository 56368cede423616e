import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { attach, invoke } from '../fixtures/plugin.ts';

const runtimeConfig = { portMappings: [{ hostPort: 8080, containerPort: 80 }] };
const BASE = { name: 'lab', bridge: 'lab0', ipMasq: true, runtimeConfig };
const RANGES = [[{ subnet: '10.80.1.0/28' }]];
const HOST_LOCAL = { type: 'host-local', ranges: RANGES, dataDir: '/run/host-local' };

let host: Host;
let box: Sandbox;
beforeAll(ensureExecutable, 300_000);
beforeEach(async () => {
  host = await createHost();
  box = await host.addSandbox('box');
});
afterEach(() => host.dispose());

/** The details of a CHECK; undefined when it finds nothing. */
async function detailsOf(conf: object): Promise<string | undefined> {
  const { json } = await invoke(host, 'CHECK', { netns: box.path, conf: { ...conf } });
  return json?.details;
}

/** The command line at the end of the details, as a person would paste it. */
async function paste(details: string | undefined): Promise<void> {
  const command = /restore the rules: sudo (?<line>flatnet .*)$/.exec(details ?? '')?.groups?.['line'];
  expect(details).toContain(`sudo ${command}`);
  await host.run(['sh', '-c', `flatnet() { ${EXECUTABLE} "$@"; }; ${command}`]);
}

describe('the remedy that CHECK names', () => {
  it.each([
    ['in the usual data directory', { ipam: { ranges: RANGES } }],
    ['in one with a blank in its name', { ipam: { ranges: RANGES, dataDir: '/var/lib/my lab' } }],
    ['of another IPAM plugin', { ipam: HOST_LOCAL }],
  ])('puts back flushed rules of an attachment %s', async (_, ipam) => {
    const conf = { ...BASE, ...ipam };
    const prevResult = await attach(host, box, { conf });
    const checked = { ...conf, prevResult };
    for (const flush of ['flush chain inet flatnet ports', 'flush ruleset']) {
      await host.run(['nft', flush]);
      await paste(await detailsOf(checked));
      expect(await detailsOf(checked)).toBeUndefined();
    }
  });

  it('is a restart where an address is gone, and where nothing is remembered of the rules', async () => {
    const conf = { ...BASE, ipam: { ranges: RANGES } };
    const prevResult = await attach(host, box, { conf });
    const checked = { ...conf, prevResult };
    await box.run(['ip', 'address', 'flush', 'dev', 'eth0']);
    await host.run(['nft', 'flush', 'ruleset']);
    expect(await detailsOf(checked)).toMatch(/restart the container$/);
    await host.run(['rm', '-r', '/var/lib/flatnet']);
    await box.run(['ip', 'address', 'add', '10.80.1.2/28', 'dev', 'eth0']);
    expect(await detailsOf(checked)).toMatch(/restart the container$/);
  });
});
