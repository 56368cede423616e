import { defineCommand } from '../command.ts';
import { EXIT } from '../io.ts';

export const MAN = defineCommand({
  name: 'man',
  summary: 'print the manual page',
  examples: ['flatnet man | man -l -'],
  async run(_, io) {
    const { COMMANDS } = await import('../commands.ts');
    const { manualPage } = await import('../shell/man.ts');
    io.out(manualPage(COMMANDS));
    return EXIT.ok;
  },
});
