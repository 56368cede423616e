import { defineCommand } from '../../command.ts';
import { EXIT, printJson } from '../../io.ts';
import { JSON_OPTION } from '../options.ts';

export const ROUTES = defineCommand({
  name: 'routes',
  summary: 'list what the gateway serves, and why at that port',
  options: { json: JSON_OPTION },
  examples: ['sudo flatnet gateway routes --json'],
  rootBecause: 'asks flatnetd at the socket of root',
  async run({ json }, io) {
    const { askDaemon } = await import('../../flatnetd/ask-daemon.ts');
    const { readRoutes } = await import('../../flatnetd/answers.ts');
    const { renderRoutes } = await import('../../flatnetd/render.ts');
    const answer = await askDaemon('/api/routes');
    const routes = readRoutes(answer);
    if (json) printJson(io, answer);
    else io.out(renderRoutes(routes, io));
    if (routes.length === 0 && !json) {
      io.err(
        'Nothing is served: no container on a flatnet network has a port for browsers. See: flatnet explain NAME\n',
      );
    }
    return EXIT.ok;
  },
});
