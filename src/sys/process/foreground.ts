/**
 * Runs a program on this terminal until it ends; signals of the terminal are its own to act on.
 * @returns its exit code, or 128 and the number of the signal that ended it, as a shell does.
 * @throws the system's error if it cannot be started.
 */
export function runInForeground(path: string, args: readonly string[]): Promise<number> {
  const { spawn } = process.getBuiltinModule('node:child_process');
  const { constants } = process.getBuiltinModule('node:os');
  return new Promise((resolve, reject) => {
    const ignore = () => undefined;
    // Ctrl-C reaches both; the program decides, and this process tells how it ended.
    for (const signal of ['SIGINT', 'SIGQUIT'] as const) process.on(signal, ignore);
    const program = spawn(path, args, { stdio: 'inherit' });
    const handOn = () => program.kill('SIGTERM');
    process.once('SIGTERM', handOn);
    program.once('error', reject).once('exit', (code, signal) => {
      for (const one of ['SIGINT', 'SIGQUIT'] as const) process.off(one, ignore);
      process.off('SIGTERM', handOn);
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
