import { COMMANDS } from '../commands.ts';
import { EXIT, type Io } from '../io.ts';
import type { Call } from '../spec.ts';
import { bashCompletion } from './bash.ts';
import { fishCompletion } from './fish.ts';
import { manualPage } from './man.ts';
import { zshCompletion } from './zsh.ts';

/** `flatnet completion bash|zsh|fish`; the parser lets no other word through. */
export function completion(call: Call, io: Io): Promise<number> {
  const [shell] = call.args;
  const make = shell === 'zsh' ? zshCompletion : shell === 'fish' ? fishCompletion : bashCompletion;
  io.out(make(COMMANDS));
  return Promise.resolve(EXIT.ok);
}

/** `flatnet man`. */
export function man(_call: Call, io: Io): Promise<number> {
  io.out(manualPage(COMMANDS));
  return Promise.resolve(EXIT.ok);
}
