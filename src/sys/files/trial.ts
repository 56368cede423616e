import type { Context } from '../context.ts';
import { CommandError, run } from '../process/run.ts';
import { requireTool } from '../process/tool.ts';

/** A line that the kernel refused, and its message. */
export interface Refused {
  readonly line: string;
  readonly said: string;
}

const NOT_PERMITTED = /not permitted|Permission denied/;

/**
 * Tries lines of `ip` or `tc` in a network namespace that vanishes with the program, so that nothing has to be undone;
 * its only link is `lo`. Stops at the first refused line.
 * @returns `unknown` if namespaces cannot be created.
 * @throws ToolMissingError
 */
export async function tryLines(
  tool: 'ip' | 'tc',
  lines: readonly string[],
  ctx: Context,
): Promise<Refused | 'taken' | 'unknown'> {
  const input = lines.map((line) => `${line}\n`).join('');
  try {
    await run({ tool: 'unshare', args: ['--net', '--', requireTool(tool), '-batch', '-'], input }, ctx);
    return 'taken';
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const { stderr } = error.completed;
    const [, number] = /Command failed -:(\d+)/.exec(stderr) ?? [];
    const line = lines[Number(number) - 1];
    if (line === undefined || NOT_PERMITTED.test(stderr)) return 'unknown';
    return { line, said: stderr.trim().split('\n')[0] ?? '' };
  }
}
