import { expect, test } from 'vitest';
import { reaches } from '../fixtures/traffic.ts';
import { doctor, goodLab, remedyOf, troubles } from './examination.ts';
import { callPlugin, CONFLIST, type Container, createLab, type Lab } from './lab.ts';

async function change(lab: Lab, ...pairs: readonly (readonly [string, string])[]): Promise<void> {
  const text = await lab.read(CONFLIST);
  await lab.write(
    CONFLIST,
    pairs.reduce((sum, [from, to]) => sum.replace(from, to), text),
  );
}

/** A network with one container. */
async function withContainer(): Promise<{ readonly lab: Lab; readonly container: Container }> {
  const lab = await createLab();
  await lab.flatnet('install');
  return { lab, container: await lab.attach('web1') };
}

/** What the remedy of a changed configuration says. */
async function restart(lab: Lab, container: Container): Promise<void> {
  await callPlugin(lab.host, { verb: 'DEL', network: 'flatnet', container });
  await lab.run('ip', 'link', 'del', 'flatnet-br0');
  await callPlugin(lab.host, { verb: 'ADD', network: 'flatnet', container });
}

const OTHER_SUBNET = [
  ['10.87.1.0/24', '10.87.7.0/24'],
  ['10.87.1.1"', '10.87.7.1"'],
] as const;

test('doctor names a bridge that was renamed in the conflist, and leaves its containers where they are', async () => {
  const { lab, container } = await withContainer();
  await using host = lab;
  await change(host, ['flatnet-br0', 'other-br0']);
  const report = await doctor(host);
  expect(troubles(report)).toEqual([
    `Network/configuration: ${CONFLIST} names bridge "other-br0", but 1 container runs on "flatnet-br0"`,
  ]);
  expect(remedyOf(report, 'configuration')).toBe(
    `stop the containers of "flatnet", run: sudo ip link del flatnet-br0, and start them again; or put the old value back into ${CONFLIST}`,
  );
  expect((await doctor(host, '--fix')).fixes).toEqual([]);
  expect(await host.run('ip', '-br', 'link')).not.toContain('other-br0');
  expect(await reaches(host.host, '10.87.1.2')).toBe(true);
  await restart(host, container);
  expect(troubles(await doctor(host))).toEqual([]);
  expect(await reaches(host.host, '10.87.1.2')).toBe(true);
});

test('a port of a renamed bridge is put back into the bridge that its container knows', async () => {
  await using lab = await goodLab();
  await change(lab, ['flatnet-br0', 'other-br0']);
  const [, port = ''] = /(fn[0-9a-z]{13})@/.exec(await lab.run('ip', '-br', 'link')) ?? [];
  await lab.run('ip', 'link', 'set', 'dev', port, 'nomaster');
  expect(troubles(await doctor(lab)).join()).toContain(
    `host interface "${port}" is not in bridge "flatnet-br0"`,
  );
  await doctor(lab, '--fix');
  expect(await reaches(lab.host, '10.87.1.2')).toBe(true);
});

test('doctor names a subnet that was changed in the conflist, and mends nothing that is not broken', async () => {
  const { lab, container } = await withContainer();
  await using host = lab;
  await change(host, ...OTHER_SUBNET);
  const report = await doctor(host);
  expect(troubles(report)).toEqual([
    `Network/configuration: ${CONFLIST} names subnet 10.87.7.0/24, but 1 container runs in 10.87.1.0/24`,
  ]);
  expect(report.checks.find(({ name }) => name === 'pool')?.message).toBe(
    '10.87.7.0/24: 0 of 253 used (0 %)',
  );
  expect((await doctor(host, '--fix')).fixes).toEqual([]);
  expect(await reaches(host.host, '10.87.1.2')).toBe(true);
  await restart(host, container);
  expect(troubles(await doctor(host))).toEqual([]);
});

test('after a change of the subnet, --fix sets the masquerade that running containers need', async () => {
  await using lab = await goodLab();
  await change(lab, ...OTHER_SUBNET);
  await lab.run('nft', 'flush', 'ruleset');
  expect(troubles(await doctor(lab)).join()).toContain('nothing masquerades 10.87.1.0/24');
  const fixed = await doctor(lab, '--fix');
  expect(fixed.fixes).toMatchObject([
    { check: 'masquerade', said: 'restored the masquerade of 10.87.1.0/24', failed: false },
    { check: 'rules', failed: false },
  ]);
  expect(troubles(fixed).map((line) => line.split(':')[0])).toEqual(['Network/configuration']);
});

test('doctor names a gateway that was changed in the conflist', async () => {
  await using lab = await goodLab();
  await change(lab, ['10.87.1.1"', '10.87.1.254"']);
  expect(troubles(await doctor(lab))).toEqual([
    `Network/configuration: ${CONFLIST} names gateway 10.87.1.254/24, but 1 container runs behind 10.87.1.1/24`,
  ]);
});

test('status shows a changed configuration, and what the containers have', async () => {
  await using lab = await goodLab();
  await change(lab, ['flatnet-br0', 'other-br0']);
  const { stdout, exitCode } = await lab.flatnet('status');
  expect(stdout).toMatch(/flatnet {2}cni {2}the configuration changed while containers were running/);
  expect(stdout).toMatch(/bridge +flatnet-br0 {2}10\.87\.1\.1\/24/);
  expect(stdout).toMatch(/10\.87\.1\.2 +web1 .* up$/m);
  expect(stdout).toContain('Something is wrong: sudo');
  expect(exitCode).toBe(1);
});
