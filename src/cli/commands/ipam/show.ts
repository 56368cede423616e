import { defineCommand } from '../../command.ts';
import { EXIT, printJson } from '../../io.ts';
import { DATA_DIR, HOLDER, JSON_OPTION } from '../options.ts';

export const SHOW = defineCommand({
  name: 'show',
  summary: 'show everything known about an address or container, as JSON',
  args: { name: HOLDER },
  options: { dataDir: DATA_DIR, json: JSON_OPTION },
  rootBecause: 'reads the addresses',
  async run({ name, dataDir }, io) {
    const { requireHeld } = await import('../../ipam/state.ts');
    const { asJson } = await import('../../ipam/describe.ts');
    printJson(io, (await requireHeld(name, dataDir)).map(asJson));
    return EXIT.ok;
  },
});
