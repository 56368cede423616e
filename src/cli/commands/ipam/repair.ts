import { defineCommand } from '../../command.ts';
import { EXIT, printJson } from '../../io.ts';
import { DATA_DIR, JSON_OPTION } from '../options.ts';

export const REPAIR = defineCommand({
  name: 'repair',
  summary: 'rebuild a damaged allocations.json from the links',
  options: { dataDir: DATA_DIR, json: JSON_OPTION },
  rootBecause: 'changes the addresses',
  async run({ dataDir, json }, io) {
    const { collectDead } = await import('../../../attachment/collect.ts');
    const { storeIn } = await import('../../ipam/state.ts');
    const store = storeIn(dataDir);
    const ctx = await io.context();
    await store.repair();
    const freed = await collectDead(store, {}, ctx);
    const held = await store.list();
    if (json) printJson(io, { path: store.path, addresses: held.length, freed });
    else
      io.out(
        `${store.path}: ${held.length} addresses in use, ${freed.length} freed whose containers are gone.\n`,
      );
    return EXIT.ok;
  },
});
