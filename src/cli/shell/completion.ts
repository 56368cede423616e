import type { Spec } from '../command.ts';
import { bashCompletion } from './bash.ts';
import { fishCompletion } from './fish.ts';
import { zshCompletion } from './zsh.ts';

/** The script that makes a shell complete command lines of flatnet. */
export function completionFor(shell: 'bash' | 'zsh' | 'fish', commands: readonly Spec[]): string {
  return { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion }[shell](commands);
}
