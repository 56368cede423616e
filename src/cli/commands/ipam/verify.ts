import { defineCommand } from '../../command.ts';
import { EXIT, printJson } from '../../io.ts';
import { DATA_DIR, JSON_OPTION, ONE_NETWORK } from '../options.ts';

export const VERIFY = defineCommand({
  name: 'verify',
  summary: 'compare the addresses with the links of the host',
  options: { network: ONE_NETWORK, dataDir: DATA_DIR, json: JSON_OPTION },
  rootBecause: 'reads the addresses',
  async run({ network, dataDir, json }, io) {
    const { damageOf, heldAddresses, storeIn, strayLinks } = await import('../../ipam/state.ts');
    const { describeAll } = await import('../../ipam/describe.ts');
    const held = await heldAddresses({ dataDir, network });
    const damage = await damageOf(storeIn(dataDir), held);
    const dead = held.filter(({ holding }) => holding === 'dead').map(({ allocation }) => allocation);
    const strays = network === undefined ? await strayLinks(dataDir, held) : [];
    const isFine = dead.length === 0 && strays.length === 0 && damage === undefined;
    const findings = [
      damage === undefined ? '' : `${damage}\n`,
      dead.length === 0 ? '' : `Without a link (flatnet ipam gc frees them):\n${describeAll(dead)}`,
      strays.length === 0
        ? ''
        : `Links without an address (flatnet ipam repair adds them): ${strays.join(', ')}\n`,
    ];
    if (json) printJson(io, { addresses: held.length, damaged: damage !== undefined, dead, strays });
    else io.out(isFine ? `${held.length} addresses in use, each with its link.\n` : findings.join(''));
    return isFine ? EXIT.ok : EXIT.warnings;
  },
});
