import { expect, test } from 'vitest';
import { doctor, remedyOf, troubles } from '../examination.ts';
import { CONFLIST, createLab, type Lab } from '../lab.ts';

const REMEDY = `sudoedit ${CONFLIST}`;
const COMMANDS = [['status'], ['network', 'inspect', 'flatnet'], ['forwarding', 'status']];

/** An installed network whose file somebody changed. */
async function changed(change: (text: string) => string): Promise<Lab> {
  const lab = await createLab();
  expect((await lab.flatnet('install')).exitCode).toBe(0);
  await lab.write(CONFLIST, change(await lab.read(CONFLIST)));
  return lab;
}

test.each([
  ['a type with a slip', '"type": "flatnet"', '"type": "flatnett"', 'its plugin is flatnett, not flatnet'],
  ['an error of JSON', '"type": "flatnet",', '"type": "flatnet"', '(line 8 column 7)'],
])('every command names a file with %s, and that it is the file to edit', async (_what, good, bad, why) => {
  await using lab = await changed((text) => text.replace(good, bad));
  const report = await doctor(lab);
  expect(troubles(report).join('\n')).toContain(why);
  expect(remedyOf(report, 'conflist')).toBe(REMEDY);
  for (const command of COMMANDS) {
    const { exitCode, stdout, stderr } = await lab.flatnet(...command);
    expect(stdout + stderr, command.join(' ')).toContain(why);
    expect(stdout + stderr).toContain(REMEDY);
    expect(stdout + stderr).not.toContain('flatnet install');
    expect(exitCode).toBe(2);
  }
});

test('a file with a slip in its type is found beside a network that works', async () => {
  await using lab = await changed((text) => text);
  const list = { cniVersion: '1.0.0', name: 'lab', plugins: [{ type: 'Flatnet' }] };
  await lab.write('/etc/cni/net.d/lab.conflist', JSON.stringify(list));
  expect(troubles(await doctor(lab)).join('\n')).toContain('its plugin is Flatnet, not flatnet');
  expect((await lab.flatnet('network', 'inspect', 'lab')).stderr).toContain(
    'sudoedit /etc/cni/net.d/lab.conflist',
  );
});

test("networks of other plugins are nobody's mistake", async () => {
  await using lab = await createLab();
  const list = { cniVersion: '1.0.0', name: 'pods', plugins: [{ type: 'flannel' }, { type: 'portmap' }] };
  await lab.write('/etc/cni/net.d/pods.conflist', JSON.stringify(list));
  expect((await lab.flatnet('status')).stdout).toMatch(
    /No network of type flatnet in .*: sudo \S+ install\n/,
  );
  expect(remedyOf(await doctor(lab), 'conflist')).toMatch(/^sudo \S+ install$/);
});
