import { defineCommand } from '../../command.ts';
import { EXIT, printJson } from '../../io.ts';
import { DATA_DIR, JSON_OPTION, ONE_NETWORK } from '../options.ts';

export const LIST = defineCommand({
  name: 'list',
  summary: 'list the addresses in use and the state of their containers',
  options: { network: ONE_NETWORK, dataDir: DATA_DIR, json: JSON_OPTION },
  rootBecause: 'reads the addresses',
  async run({ network, dataDir, json }, io) {
    const { damageOf, heldAddresses, storeIn } = await import('../../ipam/state.ts');
    const { asJson, renderHeld } = await import('../../ipam/describe.ts');
    const held = await heldAddresses({ dataDir, network });
    const damage = await damageOf(storeIn(dataDir), held);
    if (damage !== undefined) io.err(`${damage}\n`);
    if (json) printJson(io, held.map(asJson));
    else io.out(renderHeld(held, io));
    return damage === undefined ? EXIT.ok : EXIT.warnings;
  },
});
