import { defineCommand } from '../../command.ts';
import { printDone } from '../../io.ts';
import { JSON_OPTION } from '../options.ts';

export const GATEWAY_RELOAD = defineCommand({
  name: 'reload',
  summary: 'make changed settings of the gateway effective',
  description: 'Checks the settings first; connections stay, except where the ports to listen on change.',
  options: { json: JSON_OPTION },
  rootBecause: 'restarts a service',
  async run({ json }, io) {
    const { LAYOUT } = await import('../../layout.ts');
    const { reloadGateway } = await import('../../flatnetd/reload.ts');
    await reloadGateway(LAYOUT);
    return printDone(io, json, ['flatnetd has taken its settings over']);
  },
});
