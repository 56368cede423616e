import { lineReader } from '../../input/lines.ts';
import { requireTool } from './tool.ts';

export interface FollowedProgram {
  readonly tool: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Of stderr, to tell why a program ended. */
const SAID_LIMIT = 2_000;

/**
 * Runs a program and hands on each line of its output, until it ends or `signal` aborts, which ends it.
 * @returns the last line of its stderr, empty if it printed none.
 * @throws ToolMissingError, and the system's error if it cannot be started.
 */
export function followProgram(
  { tool, args, env }: FollowedProgram,
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<string> {
  const { spawn } = process.getBuiltinModule('node:child_process');
  return new Promise((resolve, reject) => {
    const program = spawn(requireTool(tool), args, { cwd: '/', env, stdio: ['ignore', 'pipe', 'pipe'] });
    const stop = () => program.kill('SIGTERM');
    let said = '';
    program.stdout.setEncoding('utf8').on('data', lineReader(onLine));
    program.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-SAID_LIMIT);
    });
    signal.addEventListener('abort', stop, { once: true });
    program.once('error', reject).once('close', () => {
      signal.removeEventListener('abort', stop);
      resolve(said.trim().split('\n').at(-1) ?? '');
    });
    if (signal.aborted) stop();
  });
}
