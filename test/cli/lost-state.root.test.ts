import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { attach } from '../fixtures/plugin.ts';
import { doctor, goodLab, remedyOf, troubles } from './examination.ts';
import { createLab, type Lab, STATE } from './lab.ts';

/** A machine with a published port, and state that was lost and rebuilt. */
async function forgetfulLab(): Promise<Lab> {
  const lab = await createLab();
  await lab.flatnet('install');
  const web = await lab.host.addSandbox('web');
  const runtimeConfig = { portMappings: [{ hostPort: 8080, containerPort: 80 }] };
  await attach(lab.host, web, { conf: { ipMasq: true, runtimeConfig }, args: 'K8S_POD_NAME=web' });
  await lab.run('rm', STATE);
  await lab.flatnet('ipam', 'repair');
  return lab;
}

test('reload ends with code 1 when it knows nothing of a container, and counts none of its ports', async () => {
  await using lab = await forgetfulLab();
  expect(await lab.flatnet('reload')).toMatchObject({
    exitCode: 1,
    stdout: 'Restored the rules of 0 containers, with 0 published ports.\n',
    stderr: 'The rules of container web are unknown: its state was lost; restart it\n',
  });
  // What is in the kernel still is left there.
  expect(await lab.run('nft', 'list', 'map', 'inet', 'flatnet', 'ports4')).toContain('tcp . 8080');
  expect(await lab.json('reload')).toMatchObject({ attachments: 0, ports: 0, unknown: ['box1'] });
});

test('doctor and status name containers whose rules are not remembered', async () => {
  await using lab = await forgetfulLab();
  const report = await doctor(lab);
  expect(troubles(report)).toEqual([
    'Addresses/forgotten rules: the published ports and other rules of 10.87.1.2 (web) are unknown: their state was lost and rebuilt from the links',
  ]);
  expect(remedyOf(report, 'forgotten rules')).toBe('restart these containers');
  expect(await lab.flatnet('status')).toMatchObject({
    exitCode: 1,
    stdout: expect.stringContaining('unknown for web: restart it'),
  });
});

test('reload covers a network that has a data directory of its own, or that one alone', async () => {
  await using lab = await goodLab();
  await lab.write(
    '/etc/cni/net.d/lab.conflist',
    '{"cniVersion":"1.0.0","name":"lab","plugins":[{"type":"flatnet","bridge":"lab0","ipMasq":true,"ipam":{"type":"flatnet","dataDir":"/var/lib/lab","ranges":[[{"subnet":"10.87.9.0/24"}]]}}]}',
  );
  await lab.attach('far', 'lab');
  expect(await lab.flatnet('reload')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('2 containers on flatnet, lab'),
    stderr: '',
  });
  expect(await lab.flatnet('reload', '--data-dir', '/var/lib/lab')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('1 container on lab'),
    stderr: expect.stringContaining('flatnet reload --data-dir /var/lib/flatnet/ipam'),
  });
});

test('doctor names a state file that is gone while containers run; --fix makes it again', async () => {
  await using lab = await goodLab();
  for (const path of [STATE, dirname(STATE)]) {
    await lab.run('rm', '-r', path);
    const report = await doctor(lab);
    expect(troubles(report)[0]).toBe(
      `Addresses/state file: ${STATE} is missing; 1 address can be recovered from the kernel`,
    );
    expect(report.summary.exit_code).toBe(1);
    const fixed = await doctor(lab, '--fix');
    expect(fixed.fixes).toMatchObject([{ check: 'state file', said: `rebuilt ${STATE}`, failed: false }]);
    expect(Object.keys(JSON.parse(await lab.read(STATE)).allocations)).toEqual(['flatnet/10.87.1.2']);
    expect((await lab.flatnet('ipam', 'verify')).exitCode).toBe(0);
  }
});

test('ipam repair makes a state directory that is gone', async () => {
  await using lab = await goodLab();
  await lab.run('rm', '-r', dirname(STATE));
  expect((await lab.flatnet('ipam', 'repair')).stdout).toContain('1 addresses in use');
  expect((await lab.flatnet('ipam', 'verify')).exitCode).toBe(0);
});

test('doctor misses no state file where no container has an address of flatnet', async () => {
  await using lab = await createLab();
  await lab.flatnet('install');
  await lab.write(
    '/etc/cni/net.d/lab.conflist',
    '{"cniVersion":"1.0.0","name":"lab","plugins":[{"type":"flatnet","bridge":"lab0","capabilities":{"portMappings":true},"ipam":{"type":"static","addresses":[{"address":"10.87.9.2/24"}]}}]}',
  );
  const far = await lab.host.addSandbox('far');
  const ipam = { type: 'static', addresses: [{ address: '10.87.9.2/24' }] };
  await attach(lab.host, far, { conf: { name: 'lab', bridge: 'lab0', ipam } });
  expect(troubles(await doctor(lab)).filter((line) => line.startsWith('Addresses/'))).toEqual([]);
});
