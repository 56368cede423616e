import { runPlugin } from './cni/run.ts';
import { runDriver } from './netavark/run.ts';
import { wordOf } from './netavark/words.ts';
import { readStdin } from './sys/process/stdin.ts';
import { writeStderr, writeStdout } from './sys/process/stdout.ts';

/**
 * The entry point. The plugin serves a runtime's call, by CNI or as a driver of netavark; the command line serves a
 * person, and is loaded only here and only when it is needed; so is, in runPlugin(), all of the plugin that VERSION can
 * do without.
 */
async function main(): Promise<void> {
  // A call that is never answered has failed: nothing waits any more, and no other exit code was set.
  process.exitCode = 1;
  const writeTrace = process.argv.includes('--trace') ? writeStderr : undefined;
  const host = { env: process.env, readStdin, writeStdout, writeTrace, isWholeProcess: true };
  if (process.env['CNI_COMMAND'] !== undefined) {
    // Nothing is left to wait for, and to end by itself takes Node half a millisecond more.
    process.exit(await runPlugin(host));
  }
  const word = wordOf(process.argv[2]);
  if (word !== undefined) {
    process.exit(await runDriver(host, word, process.argv[3] ?? ''));
  }
  const { runCli } = await import('./cli/cli.ts');
  process.exitCode = await runCli(process.argv.slice(2));
}

void main();
