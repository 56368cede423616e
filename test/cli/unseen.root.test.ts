import { expect, test } from 'vitest';
import { doctor, goodLab, troubles } from './examination.ts';
import { CONFLIST, type Lab } from './lab.ts';

/** What `flatnet ps` says of a container that is there: it is listed, and what is wrong is told. */
async function expectListed(lab: Lab, exitCode: number, problem: string): Promise<void> {
  const { stdout, stderr, ...ended } = await lab.flatnet('ps');
  expect(stdout).toMatch(/ web1 +10\.87\.1\.2 /);
  expect(stderr).toContain(problem);
  expect(ended.exitCode).toBe(exitCode);
  const { containers } = await lab.json<{ containers: object[] }>('ps');
  expect(containers).toMatchObject([{ name: 'web1', addresses: ['10.87.1.2'] }]);
}

test('ps lists containers of a network whose file cannot be read, and says so', async () => {
  await using lab = await goodLab();
  await lab.write(CONFLIST, (await lab.read(CONFLIST)).replace('"ipMasq": true', '"ipMasq": yes'));
  await expectListed(lab, 1, `Cannot read "${CONFLIST}": it is not valid JSON`);
  expect(troubles(await doctor(lab)).join()).not.toContain('no conflist');
});

test('ps, status and network ls see containers whose state is refused, and say why it is', async () => {
  await using lab = await goodLab();
  await lab.run('chmod', '777', '/var/lib/flatnet/ipam');
  await expectListed(lab, 1, 'can be written by other users (mode 777)');
  expect(await lab.json('status')).toMatchObject({ networks: [{ used: 1, attachments: [{ link: 'up' }] }] });
  expect(await lab.flatnet('network', 'ls')).toMatchObject({
    exitCode: 1,
    stdout: expect.stringContaining('1/253'),
    stderr: expect.stringContaining('can be written by other users (mode 777)'),
  });
});

test('containers of a network that was renamed in its file are seen', async () => {
  await using lab = await goodLab();
  await lab.write(CONFLIST, (await lab.read(CONFLIST)).replace('"name": "flatnet"', '"name": "renamed"'));
  await expectListed(lab, 0, '');
  expect(await lab.flatnet('status')).toMatchObject({
    exitCode: 1,
    stdout: expect.stringContaining('No file defines network "flatnet": 10.87.1.2 (web1)'),
  });
  expect(troubles(await doctor(lab))).toContain(
    'Addresses/networks: no file in /etc/cni/net.d or /etc/containers/networks defines network "flatnet": 10.87.1.2 (web1)',
  );
});

test('ps says that nobody runs only when it could look', async () => {
  await using lab = await goodLab();
  await lab.run(
    'ip',
    'link',
    'del',
    'dev',
    (await lab.json<{ hostIfname: string }[]>('ipam', 'list'))[0]!.hostIfname,
  );
  await lab.flatnet('ipam', 'gc');
  expect(await lab.flatnet('ps')).toMatchObject({
    exitCode: 0,
    stdout: 'No container runs in a flatnet network.\n',
  });
  await lab.write(CONFLIST, '{');
  expect(await lab.flatnet('ps')).toMatchObject({
    exitCode: 1,
    stdout: '',
    stderr: expect.stringContaining(`Cannot read "${CONFLIST}"`),
  });
});
