import { defineCommand } from '../../command.ts';
import { EXIT } from '../../io.ts';

export const GATEWAY_RELOAD = defineCommand({
  name: 'reload',
  summary: 'make changed settings of the gateway effective',
  description: 'Checks the settings first; connections stay, except where the ports to listen on change.',
  rootBecause: 'restarts a service',
  async run(_, io) {
    const { LAYOUT } = await import('../../layout.ts');
    const { reloadGateway } = await import('../../flatnetd/reload.ts');
    await reloadGateway(LAYOUT);
    io.out('flatnetd has taken its settings over.\n');
    return EXIT.ok;
  },
});
