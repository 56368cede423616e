import { expect, test } from 'vitest';
import { invoke } from '../fixtures/plugin.ts';
import { doctor, goodLab, remedyOf, troubles } from './examination.ts';
import { createLab, STATE } from './lab.ts';

const DIRECTORY = '/var/lib/flatnet/ipam';

test('doctor and status name a data directory that cannot be written to', async () => {
  await using lab = await goodLab();
  await lab.run('mount', '--bind', DIRECTORY, DIRECTORY);
  await lab.run('mount', '-o', 'remount,bind,ro', DIRECTORY);
  await expect(lab.attach('web2')).rejects.toThrow();
  const report = await doctor(lab);
  expect(troubles(report)).toContain(
    `Addresses/state file: Cannot write to the data directory "${DIRECTORY}"`,
  );
  expect(remedyOf(report, 'state file')).toContain(`findmnt --target ${DIRECTORY}`);
  expect(report.summary.exit_code).toBe(2);
  expect(await lab.flatnet('status')).toMatchObject({
    exitCode: 1,
    stdout: expect.stringContaining(`Cannot write to the data directory "${DIRECTORY}"`),
  });
});

test('doctor makes no data directory, and names one that could not be made', async () => {
  await using lab = await createLab();
  await lab.flatnet('install');
  expect(troubles(await doctor(lab))).toEqual([]);
  expect((await lab.host.exec(['test', '-e', DIRECTORY])).exitCode).toBe(1);
  await lab.run('mount', '-t', 'tmpfs', '-o', 'ro', 'tmpfs', '/var/lib');
  expect(troubles(await doctor(lab)).join()).toContain(`Cannot write to the data directory "${DIRECTORY}"`);
});

test.each([
  [['chmod', '777', DIRECTORY], 'can be written by other users (mode 777)', `sudo chmod 700 ${DIRECTORY}`],
  [['chown', '1000', DIRECTORY], 'belongs to user 1000', `sudo chown 0:0 ${DIRECTORY}`],
] as const)('doctor has the remedy after %j, and ADD too', async (command, problem, remedy) => {
  await using lab = await goodLab();
  await lab.run(...command);
  const report = await doctor(lab);
  expect(troubles(report)).toEqual([
    `Addresses/state file: Cannot use the state file "${STATE}": "${DIRECTORY}" ${problem}`,
  ]);
  expect(remedyOf(report, 'state file')).toBe(remedy);
  const { path: netns } = await lab.host.addSandbox('web2');
  const add = () => invoke(lab.host, 'ADD', { netns, containerID: 'web2' });
  expect((await add()).json).toMatchObject({ code: 5, details: expect.stringContaining(remedy) });
  await lab.run(...remedy.replace('sudo ', '').split(' '));
  expect((await add()).exitCode).toBe(0);
});
