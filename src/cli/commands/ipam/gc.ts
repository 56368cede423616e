import { defineCommand } from '../../command.ts';
import { EXIT, printJson } from '../../io.ts';
import { flag } from '../../option.ts';
import { DATA_DIR, JSON_OPTION, ONE_NETWORK } from '../options.ts';

export const GC = defineCommand({
  name: 'gc',
  summary: 'free the addresses of all containers that are gone',
  options: { dryRun: flag('only list them'), network: ONE_NETWORK, dataDir: DATA_DIR, json: JSON_OPTION },
  rootBecause: 'changes the addresses',
  async run({ dryRun, network, dataDir, json }, io) {
    const { collectDead, sweepLimits } = await import('../../../attachment/collect.ts');
    const { storeIn } = await import('../../ipam/state.ts');
    const { describeAll } = await import('../../ipam/describe.ts');
    const filter = network === undefined ? {} : { network };
    const store = storeIn(dataDir);
    const ctx = await io.context();
    const freed = dryRun ? await store.reclaim({ dryRun, ...filter }) : await collectDead(store, filter, ctx);
    // Limits whose container is gone do not tell their network, so `--network` leaves all of them.
    const swept = dryRun || network !== undefined ? [] : await sweepLimits(await store.list(), ctx);
    if (json) printJson(io, { dryRun, freed });
    else if (freed.length === 0) io.out('Every address in use has a container.\n');
    else io.out(`${dryRun ? 'Would free' : 'Freed'}:\n${describeAll(freed)}`);
    if (swept.length > 0 && !json)
      io.out(`Removed the bandwidth limits of containers that are gone: ${swept.join(', ')}\n`);
    return EXIT.ok;
  },
});
