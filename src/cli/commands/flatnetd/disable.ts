import { defineCommand } from '../../command.ts';
import { printDone } from '../../io.ts';
import { JSON_OPTION } from '../options.ts';

export const GATEWAY_DISABLE = defineCommand({
  name: 'disable',
  summary: 'stop the gateway, now and at boot',
  description: 'Settings and packages stay. Containers are not touched; only their names in browsers go.',
  options: { json: JSON_OPTION },
  rootBecause: 'stops a service',
  async run({ json }, io) {
    const { LAYOUT } = await import('../../layout.ts');
    const { disableGateway } = await import('../../flatnetd/disable.ts');
    const done = await disableGateway(LAYOUT);
    if (done.length === 0 && !json) io.out('Nothing to do: the gateway is not enabled.\n');
    return printDone(io, json, done);
  },
});
