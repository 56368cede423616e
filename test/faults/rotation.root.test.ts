import { expect, test } from 'vitest';
import { ensureExecutable } from '../executable.ts';
import { createMachine, expectError } from './machine.ts';
import { shareOut } from './pool.ts';

const LOG = '/var/log/flatnet/cni.log';
const CALLS = 60;
const AT_ONCE = 6;

/** Rename and make anew as logrotate does with `create`, again and again while /run/rotate is there. */
const ROTATE = `n=0
while [ -e /run/rotate ]; do
  n=$((n + 1))
  mv ${LOG} ${LOG}.$n 2> /dev/null && (umask 137; set -C; : > ${LOG}) 2> /dev/null
  sleep 0.02
done
echo $n`;

test('no line of the log is lost while it is rotated', { timeout: 120_000 }, async () => {
  await ensureExecutable();
  await using machine = await createMachine();
  const { host } = machine;
  await host.run(['touch', '/run/rotate']);
  const rotating = host.start(['sh', '-c', ROTATE], { timeoutMs: 100_000 });
  const ids = Array.from({ length: CALLS }, (_, number) => `call${number}`);

  await shareOut(Array(AT_ONCE).fill(machine), ids, async (_worker, containerID) => {
    expectError(await machine.call('ADD', { containerID, netns: '/run/netns/absent' }), 103);
  });

  await host.run(['rm', '/run/rotate']);
  expect(Number((await rotating.result).stdout)).toBeGreaterThan(2);
  const lines = (await host.run(['sh', '-c', `cat ${LOG}*`])).trimEnd().split('\n');
  const logged = lines.map((line) => (JSON.parse(line) as { containerID: string }).containerID);
  expect(logged.sort()).toEqual(ids.sort());
  const modes = await host.run(['sh', '-c', `stat -c %a ${LOG}* | sort -u`]);
  expect(modes).toBe('640\n');
});
