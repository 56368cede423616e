import { callByHand } from '../by-hand.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PRODUCTS } from '../../build/products.ts';
import { createHost, type Host } from '../../conformance/host.ts';
import { ensureBuilt } from '../executable.ts';

const { output } = PRODUCTS.plain;

const CONF = {
  cniVersion: '1.1.0',
  name: 'flatnet',
  type: 'flatnet',
  ipMasq: true,
  runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }] },
};

describe('the executable on an untouched Node', () => {
  let host: Host;
  let netns: string;

  beforeAll(async () => {
    await ensureBuilt(output);
    host = await createHost();
    netns = (await host.addSandbox()).path;
  }, 180_000);
  afterAll(() => host.dispose());

  const call = (verb: string, conf: object = CONF, env: Readonly<Record<string, string>> = {}) =>
    callByHand(host, [output], { verb, netns, conf, env });

  it('answers VERSION', async () => {
    expect(JSON.parse((await call('VERSION')).stdout)).toMatchObject({ cniVersion: '1.1.0' });
  });

  it('attaches, checks and detaches a container', async () => {
    const added = await call('ADD');
    expect(added).toMatchObject({ exitCode: 0, stderr: '' });
    const prevResult = JSON.parse(added.stdout);
    expect(prevResult.ips).toMatchObject([{ address: '10.87.1.2/24', gateway: '10.87.1.1' }]);
    expect(await call('CHECK', { ...CONF, prevResult })).toMatchObject({ exitCode: 0, stdout: '' });

    expect(await call('DEL')).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
    expect(await host.run(['ip', '-o', 'link', 'show', 'type', 'veth'])).toBe('');
  });

  it('warns on stderr of nothing in Node, whatever the caller wants to know', async () => {
    const environment = { NODE_PENDING_DEPRECATION: '1' };
    expect(await call('STATUS', CONF, environment)).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
  });
});
