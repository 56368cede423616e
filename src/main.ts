/**
 * The entry point. A runtime's call is served by the plugin, what a person typed by the command line; each is
 * imported only here and only when it is needed.
 */
async function main(): Promise<number> {
  if (process.env['CNI_COMMAND'] !== undefined) {
    const { runPlugin } = await import('./cni/run.ts');
    const { readStdin } = await import('./sys/stdin.ts');
    const { writeStderr, writeStdout } = await import('./sys/stdout.ts');
    const writeTrace = process.argv.includes('--trace') ? writeStderr : undefined;
    return runPlugin({ env: process.env, readStdin, writeStdout, writeTrace, isWholeProcess: true });
  }
  const { runCli } = await import('./cli/cli.ts');
  return runCli(process.argv.slice(2));
}

// A call that is never answered has failed: nothing waits any more, and nobody set another exit code.
process.exitCode = 1;
void main().then((exitCode) => {
  process.exitCode = exitCode;
});
