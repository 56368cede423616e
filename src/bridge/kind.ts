import type { Context } from '../sys/context.ts';
import { readMark, tryWriteMark } from '../sys/files/marks.ts';
import { bootId } from '../sys/proc.ts';
import { moduleRemedy } from '../sys/kernel-release.ts';
import { tryLines } from '../sys/files/trial.ts';

/** The kernel lacks the module, like a custom WSL kernel without `kernelModules=`. */
export class NoBridgesError extends Error {
  readonly remedy: string;

  constructor(name: string, cause?: unknown) {
    super(`Cannot make bridge "${name}": the kernel lacks "bridge"`, { cause });
    this.name = 'NoBridgesError';
    this.remedy = moduleRemedy(['bridge']);
  }
}

const MARK = 'link-bridge';

/** True also if it cannot be determined. A positive answer is cached until the next boot. */
export async function hasBridges(ctx: Context): Promise<boolean> {
  if (readMark(MARK) === bootId()) return true;
  const answer = await tryLines('ip', ['link add name trial type bridge'], ctx);
  if (answer === 'taken') tryWriteMark(MARK, bootId());
  return typeof answer === 'string';
}
