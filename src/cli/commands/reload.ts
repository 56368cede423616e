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
    const { describeRestored, putBack } = await import('../reload/put-back.ts');
    const { replayed, complaints, isComplete } = await putBack(dataDir);
    const ids = [...new Set(replayed.unknown.map(({ containerID }) => containerID))];
    if (json) printJson(io, { ...replayed, unknown: ids });
    else io.out(describeRestored(replayed));
    for (const sentence of complaints) io.err(`${printable(sentence)}\n`);
    return isComplete ? EXIT.ok : EXIT.warnings;
  },
});
