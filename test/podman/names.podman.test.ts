import { readdir } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { ensureExecutable } from '../executable.ts';
import { createMachine } from './machine.ts';
import { expectNames } from './names.ts';
import { FLATNET } from './networks.ts';

it('containers of Podman 4 find each other by name, on the network that is installed', async () => {
  await ensureExecutable();
  await using machine = await createMachine(FLATNET);
  await expectNames(machine, 'flatnet');
  expect(await readdir(machine.host.file('/run/flatnet-names/dnsmasq'))).toEqual([]);
});
