import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';
import { createMachine, expectError, expectSuccess, type Machine } from './machine.ts';

const DIRECTORY = '/var/lib/flatnet/ipam';
const STATE = `${DIRECTORY}/allocations.json`;

let machine: Machine;

const shell = (script: string) => machine.host.run(['sh', '-c', script]);

beforeAll(async () => {
  await ensureExecutable();
  machine = await createMachine();
}, 300_000);

beforeEach(async () => {
  await shell(
    `rm -rf ${DIRECTORY} /run/target; mkdir -p -m 700 ${DIRECTORY} /run/target; echo secret >/run/target/file`,
  );
});

afterAll(() => machine[Symbol.asyncDispose]());

const MOVE = 'Move away what is there';

describe('flatnet refuses, with code 5 and a remedy, and never follows or waits for,', () => {
  test.each([
    [
      'a link in place of the data directory',
      `rmdir ${DIRECTORY}; ln -s /run/target ${DIRECTORY}`,
      'is a symbolic link',
      MOVE,
    ],
    [
      'a fifo in place of the data directory',
      `rmdir ${DIRECTORY}; mkfifo ${DIRECTORY}`,
      'is not a directory',
      MOVE,
    ],
    [
      'a data directory that others can write',
      `chmod 777 ${DIRECTORY}`,
      'can be written by other users (mode 777)',
      `sudo chmod 700 ${DIRECTORY}`,
    ],
    [
      'a data directory of another user',
      `chown 12345 ${DIRECTORY}`,
      'belongs to user 12345',
      `sudo chown 0:0 ${DIRECTORY}`,
    ],
    ['a link in place of the state file', `ln -s /run/target/file ${STATE}`, 'is a symbolic link', MOVE],
    ['a fifo in place of the state file', `mkfifo ${STATE}`, 'is not a regular file', MOVE],
    ['a device in place of the state file', `mknod ${STATE} c 1 5`, 'is not a regular file', MOVE],
    ['a directory in place of the state file', `mkdir ${STATE}`, 'is not a regular file', MOVE],
    ['a link in place of the lock', `ln -s /run/target ${STATE}.lock`, 'is not a directory', MOVE],
    ['a fifo in place of the lock', `mkfifo ${STATE}.lock`, 'is not a directory', MOVE],
  ])('%s', async (_, arrange, words, remedy) => {
    await shell(arrange);
    const added = await machine.call('ADD', { timeoutMs: 20_000 });
    expectError(added, 5);
    expect(added.document).toMatchObject({
      msg: expect.stringContaining(words),
      details: expect.stringContaining(remedy),
    });
    // DEL removes what it can and does not fail; why the address stays is in the log.
    expectSuccess(await machine.call('DEL', { timeoutMs: 20_000 }));
    expect((await shell('tail -n 1 /var/log/flatnet/cni.log')).trim()).toContain(words);
    const collected = await machine.host.exec([EXECUTABLE, 'ipam', 'gc'], { timeoutMs: 20_000 });
    expect(collected).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(words) });
    expect((await shell('cat /run/target/*; ls -A /run/target')).trim()).toBe('secret\nfile');
  });

  test('and works as soon as it is gone', async () => {
    expectSuccess(await machine.call('ADD'));
    expectSuccess(await machine.call('DEL'));
    expect((await machine.state()).filter((line) => /link fn|^allocation/.test(line))).toEqual([]);
  });
});
