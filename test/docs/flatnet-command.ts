import { type Command, CommanderError } from 'commander';
import { buildProgram } from '../../src/cli/program.ts';
import { recordingIo } from '../cli/screen.ts';

function disarm(command: Command): void {
  if (command.commands.length === 0) command.action(() => undefined);
  for (const child of command.commands) disarm(child);
}

/**
 * What flatnet's own parser says against the words after `flatnet`; `undefined` when it takes them. Nothing is run.
 *
 * @param isMention the text speaks of a command, and may leave its arguments out.
 */
export function complaintAbout(words: readonly string[], isMention = false): string | undefined {
  const { io, printed } = recordingIo();
  const { command } = buildProgram(io);
  for (const child of command.commands) disarm(child);
  try {
    command.parse([...words], { from: 'user' });
    return undefined;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    const isIncomplete = ['commander.missingArgument', 'commander.help'].includes(error.code);
    return isMention && isIncomplete ? undefined : printed().err;
  }
}
