import { defineCommand } from '../../command.ts';
import { EXIT, printJson } from '../../io.ts';
import { JSON_OPTION } from '../options.ts';

export const GATEWAY_STATUS = defineCommand({
  name: 'status',
  summary: 'show how the gateway fares',
  options: { json: JSON_OPTION },
  rootBecause: 'asks flatnetd at the socket of root',
  async run({ json }, io) {
    const { askDaemon } = await import('../../flatnetd/ask-daemon.ts');
    const { readHealth } = await import('../../flatnetd/answers.ts');
    const { renderHealth } = await import('../../flatnetd/render.ts');
    const answer = await askDaemon('/api/health');
    const health = readHealth(answer);
    if (json) printJson(io, answer);
    else io.out(renderHealth(health, io));
    return health.troubles.length === 0 ? EXIT.ok : EXIT.warnings;
  },
});
