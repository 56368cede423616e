// Covers: cli/doctor/, cli/status/
import { expect, test } from 'vitest';
import { attach } from '../fixtures/plugin.ts';
import { addOutside, ask, HOST_ADDRESS, serve } from '../fixtures/traffic.ts';
import { doctor, remedyOf, troubles } from './examination.ts';
import { createLab } from './lab.ts';

/** A machine with a container that answers on port 8080 of the host. */
async function publishingLab() {
  const lab = await createLab();
  await lab.flatnet('install');
  const outside = await addOutside(lab.host);
  const web = await lab.host.addSandbox('web');
  const runtimeConfig = { portMappings: [{ hostPort: 8080, containerPort: 80 }] };
  await attach(lab.host, web, { conf: { ipMasq: true, runtimeConfig } });
  await serve(web, { port: 80, answer: 'web' });
  return { lab, outside };
}

test.each(['ports-in', 'ports'])(
  'doctor names the chain "%s" of flatnet’s own that lost its rules; --fix puts them back',
  async (chain) => {
    const { lab, outside } = await publishingLab();
    await using host = lab;
    await host.run('nft', 'flush', 'chain', 'inet', 'flatnet', chain);
    expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('');
    const report = await doctor(host);
    expect(troubles(report)).toEqual([
      `Network/rules: Chain "inet flatnet ${chain}" has lost rules of its own`,
    ]);
    expect(remedyOf(report, 'rules')).toBe('sudo flatnet reload');
    expect((await host.flatnet('status')).exitCode).toBe(1);
    expect(troubles(await doctor(host, '--fix'))).toEqual([]);
    expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('web');
  },
);

test('doctor names a chain of flatnet’s own that sees no packets any more', async () => {
  const { lab, outside } = await publishingLab();
  await using host = lab;
  await host.run(
    'nft',
    'delete chain inet flatnet ports-in; add chain inet flatnet ports-in; add rule inet flatnet ports-in fib daddr type local jump ports',
  );
  expect(troubles(await doctor(host))).toEqual([
    'Network/rules: Chain "inet flatnet ports-in" is at no hook or at another one',
  ]);
  await host.run('nft', 'delete', 'chain', 'inet', 'flatnet', 'ports-in');
  expect(troubles(await doctor(host))).toEqual(['Network/rules: Chain "inet flatnet ports-in" is gone']);
  expect(troubles(await doctor(host, '--fix'))).toEqual([]);
  expect(await ask(outside, HOST_ADDRESS, 8080)).toBe('web');
});
