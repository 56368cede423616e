import { defineCommand } from '../command.ts';
import { EXIT, printJson } from '../io.ts';
import { printable } from '../../input/printable.ts';
import { DATA_DIR, JSON_OPTION } from './options.ts';

export const RELOAD = defineCommand({
  name: 'reload',
  summary: 'restore all rules after a firewall was reloaded or flushed',
  options: { dataDir: DATA_DIR, json: JSON_OPTION },
  examples: ['sudo flatnet reload'],
  rootBecause: 'writes to the packet filter',
  async run({ dataDir, json }, io) {
    const { describeRestored, reload } = await import('../reload/reload.ts');
    const { restored, complaints, isComplete } = await reload(dataDir, await io.context());
    const ids = [...new Set(restored.unknown.map(({ containerID }) => containerID))];
    if (json) printJson(io, { ...restored, unknown: ids });
    else io.out(describeRestored(restored));
    for (const sentence of complaints) io.err(`${printable(sentence)}\n`);
    return isComplete ? EXIT.ok : EXIT.warnings;
  },
});
