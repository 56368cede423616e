import { defineCommand } from '../command.ts';
import { EXIT } from '../io.ts';
import { choice } from '../option.ts';

export const COMPLETION = defineCommand({
  name: 'completion',
  summary: 'print the completion of a shell',
  args: { shell: choice('bash, zsh or fish', ['bash', 'zsh', 'fish']) },
  examples: ['source <(flatnet completion bash)', 'flatnet completion fish | source'],
  async run({ shell }, io) {
    const { COMMANDS } = await import('../commands.ts');
    const { completionFor } = await import('../shell/completion.ts');
    io.out(completionFor(shell, COMMANDS));
    return EXIT.ok;
  },
});
