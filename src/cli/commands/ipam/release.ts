import type { Allocation } from '../../../ipam/types.ts';
import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';
import { EXIT, printJson } from '../../io.ts';
import { flag } from '../../option.ts';
import { DATA_DIR, HOLDER, JSON_OPTION } from '../options.ts';

export const RELEASE = defineCommand({
  name: 'release',
  summary: 'free the addresses of a container that is gone',
  args: { name: HOLDER },
  options: {
    force: flag('even if the container still exists', 'f'),
    dataDir: DATA_DIR,
    json: JSON_OPTION,
  },
  rootBecause: 'changes the addresses',
  async run({ name, force, dataDir, json }, io) {
    const { requireHeld, storeIn } = await import('../../ipam/state.ts');
    const { nameOf, describeAll } = await import('../../ipam/describe.ts');
    const found = await requireHeld(name, dataDir);
    const inUse = found.find(({ holding }) => holding !== 'dead');
    if (inUse !== undefined && !force) {
      throw new CliError(
        `Cannot release ${inUse.allocation.address}: ${nameOf(inUse.allocation)} is ${inUse.holding}`,
        'Stop the container to release its address. With --force, another container may get the same one.',
      );
    }
    const freed: Allocation[] = [];
    for (const { allocation } of found) freed.push(...(await storeIn(dataDir).release(allocation)));
    if (json) printJson(io, freed);
    else io.out(`Released:\n${describeAll(freed)}`);
    return EXIT.ok;
  },
});
