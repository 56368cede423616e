import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureExecutable } from '../executable.ts';
import { IMAGE, type Machine } from '../podman/machine.ts';
import { createMachine5 } from './machine.ts';
import { DRIVER_DIRECTORY, DRIVER_PLACE } from './root.ts';

const BUILT = '/opt/clone/flatnet';
const STARTS = '/run/starts';
let machine: Machine;

/** In place of the driver, a script that writes each start down. */
const COUNTING = `#!/bin/sh
echo "$*" >>${STARTS}
exec ${BUILT} "$@"
`;

beforeAll(async () => {
  await ensureExecutable();
  machine = await createMachine5(BUILT);
  await machine.host.run(['mkdir', '-p', DRIVER_DIRECTORY]);
  await writeFile(machine.host.file(DRIVER_PLACE), COUNTING, { mode: 0o755 });
  await machine.succeed('network', 'create', '--driver=flatnet', 'flatnet');
});
afterAll(() => machine.dispose());

test('Podman 5 starts flatnet twice for a container: one setup, one teardown', async () => {
  const starts = machine.host.file(STARTS);
  expect(await readFile(starts, 'utf8')).toBe('create\n');
  await writeFile(starts, '');
  await machine.succeed('run', '--rm', '--network=flatnet', '--publish=8080:80', IMAGE, 'true');
  expect((await readFile(starts, 'utf8')).replaceAll(/ \S+$/gm, ' NETNS')).toBe(
    'setup NETNS\nteardown NETNS\n',
  );
});
