import { defineCommand } from '../../command.ts';
import { EXIT, printDone } from '../../io.ts';
import { flag } from '../../option.ts';
import { JSON_OPTION } from '../options.ts';

export const GATEWAY_ENABLE = defineCommand({
  name: 'enable',
  summary: 'install and start the gateway',
  description:
    'Installs nginx if it is missing, flatnetd with its settings (/etc/flatnet/flatnetd.toml), and starts it as a service. ' +
    'Without systemd, flatnetd runs in the foreground until Ctrl-C.',
  options: { yes: flag('install packages without a question', 'y'), json: JSON_OPTION },
  examples: ['sudo flatnet gateway enable --yes'],
  rootBecause: 'installs a service',
  async run({ yes, json }, io) {
    const { LAYOUT } = await import('../../layout.ts');
    const { hasSystemd } = await import('../../forwarding/persist.ts');
    const { enableGateway } = await import('../../flatnetd/enable.ts');
    const { whereToLook } = await import('../../flatnetd/where.ts');
    const done = await enableGateway(LAYOUT, { yes, isTerminal: io.isTerminal && process.stdin.isTTY });
    printDone(io, json, done);
    if (!json) io.out(whereToLook(LAYOUT));
    if (hasSystemd()) return EXIT.ok;
    const { runInForeground } = await import('../../../sys/process/foreground.ts');
    io.err('There is no systemd here: flatnetd runs in the foreground, Ctrl-C ends it.\n');
    return await runInForeground(LAYOUT.daemon, []);
  },
});
