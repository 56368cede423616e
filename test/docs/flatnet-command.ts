import { parse } from '../../src/cli/parser.ts';
import { EXIT } from '../../src/cli/io.ts';
import { recordingIo } from '../cli/screen.ts';

/**
 * What flatnet's own parser says against the words after `flatnet`; `undefined` when it takes them. Nothing is run.
 *
 * @param isMention the text speaks of a command, and may leave its arguments out.
 */
export function complaintAbout(words: readonly string[], isMention = false): string | undefined {
  const { io, printed } = recordingIo();
  const parsed = parse(words, io);
  switch (parsed.kind) {
    case 'command':
      return undefined;
    case 'shown':
      return isMention || parsed.exitCode === EXIT.ok ? undefined : printed().err;
    case 'refused':
      return isMention && parsed.code === 'commander.missingArgument' ? undefined : parsed.message;
  }
}
