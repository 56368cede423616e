import { callByHand } from '../by-hand.ts';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { isPlainWay } from '../plain/way.ts';
import { PLAIN } from '../fixtures/plugin.ts';

let host: Host;
let sandbox: Sandbox;

beforeAll(() => ensureExecutable(), 180_000);
beforeEach(async () => {
  host = await createHost();
  sandbox = await host.addSandbox();
});
afterEach(() => host.dispose());

/** A call by hand, with words behind the name of the plugin. */
const call = (verb: string, words: readonly string[], conf: object = PLAIN) =>
  callByHand(host, [EXECUTABLE, ...words], { verb, netns: sandbox.path, conf });

/** The steps that a trace names. */
const steps = (trace: string) =>
  [...trace.matchAll(/^ +\d+\.\d\d ms {2}step +(.+)$/gm)].map(([, name]) => name);

describe('--trace', () => {
  it('tells on stderr how long each step took, and each request, beside the answer', async () => {
    const { exitCode, stdout, stderr } = await call('ADD', ['--trace']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ips: [{ address: '10.87.1.2/24' }] });
    expect(stderr).toMatch(/^flatnet: ADD took \d+\.\d\d ms\n/);
    expect(steps(stderr)).toEqual(
      expect.arrayContaining(['start', 'request', 'ipam', 'connect', 'configure']),
    );
    expect(stderr).toMatch(
      isPlainWay ? /ms {2}command +ip .*: link add name fn/ : /netlink: link add name fn/,
    );
    expect(stderr).toMatch(/ms {2}command +ip /);
  });

  it('tells of a request that the kernel refused, and why', async () => {
    await host.run(['ip', '-n', sandbox.name, 'link', 'add', 'eth0', 'type', 'bridge']);
    const { exitCode, stderr } = await call('ADD', ['--trace']);
    expect(exitCode).toBe(1);
    const refusal = isPlainWay ? /ip link add name .*: exit code 1/ : /netlink: link add name .*EEXIST/;
    expect(stderr).toMatch(refusal);
  });

  it('is not told unasked', async () => {
    expect(await call('ADD', [])).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await call('DEL', [])).toMatchObject({ exitCode: 0, stderr: '' });
  });
});
