import { callByHand } from '../by-hand.ts';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../build/project.ts';
import { buildScript, SCRIPT } from '../../build/script.ts';
import { createHost, type Host, type Sandbox } from '../../conformance/host.ts';
import { ask, serve } from '../fixtures/traffic.ts';

/** The oldest release that flatnet runs on, from npm; there is none for processors other than x64 and arm64. */
const NODE = join(ROOT, 'node_modules/oldest-node/bin/node');

const CONF = {
  cniVersion: '1.1.0',
  name: 'flatnet',
  type: 'flatnet',
  ipMasq: true,
  ipam: { ranges: [[{ subnet: '10.87.1.0/24' }], [{ subnet: 'fd00:87::/64' }]] },
  runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }] },
};

describe.skipIf(!existsSync(NODE))('the script on Node 22 as it came, which has no node:ffi', () => {
  let host: Host;
  let sandbox: Sandbox;

  beforeAll(async () => {
    await buildScript();
    host = await createHost();
    sandbox = await host.addSandbox();
  }, 180_000);
  afterAll(() => host.dispose());

  const call = (verb: string, conf: object = CONF) =>
    callByHand(host, [NODE, SCRIPT], { verb, netns: sandbox.path, conf });

  it('is a Node without the module', () => {
    expect(execFileSync(NODE, ['--version'], { encoding: 'utf8' })).toMatch(/^v22\./);
    const asked = "process.exit(process.getBuiltinModule('node:ffi') === undefined ? 0 : 1)";
    execFileSync(NODE, ['--eval', asked]);
  });

  it('attaches a container with a port, checks it, detaches it and leaves nothing', async () => {
    expect(await call('STATUS')).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
    const added = await call('ADD');
    expect(added).toMatchObject({ exitCode: 0, stderr: '' });
    const prevResult = JSON.parse(added.stdout);
    expect(prevResult.ips).toMatchObject([{ address: '10.87.1.2/24' }, { address: 'fd00:87::2/64' }]);
    expect(await call('CHECK', { ...CONF, prevResult })).toMatchObject({ exitCode: 0, stdout: '' });
    await serve(sandbox, { port: 80, answer: 'box' });
    expect(await ask(host, '127.0.0.1', 8080)).toBe('box');

    expect(await call('DEL')).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
    expect(await call('GC', { ...CONF, 'cni.dev/valid-attachments': [] })).toMatchObject({ exitCode: 0 });
    expect(await host.run(['ip', '-o', 'link', 'show', 'type', 'veth'])).toBe('');
    expect(await host.run(['nft', 'list', 'map', 'inet', 'flatnet', 'ports4'])).not.toContain('8080');
  });

  it('runs the command line', async () => {
    const reloaded = await host.exec([NODE, SCRIPT, 'reload']);
    expect(reloaded).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Restored the rules') });
  });
});
