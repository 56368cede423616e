import fc from 'fast-check';
import { runPlugin } from '../../src/cni/run.ts';
import { type FuzzedCall, fuzzedCall } from './inputs.ts';

/**
 * Serves made-up calls one after another in this process, which runs in a throw-away host, and prints each with its
 * answer as a line of JSON. Starting the executable for each would take many times as long.
 */
async function serve(call: FuzzedCall): Promise<void> {
  let stdout = '';
  const before = process.cpuUsage();
  const exitCode = await runPlugin({
    env: call.env,
    readStdin: () => Promise.resolve(call.input),
    isWholeProcess: false,
    writeStdout: (document) => {
      stdout += document;
    },
  });
  const { user, system } = process.cpuUsage(before);
  const ended = { exitCode, stdout, stderr: '', ms: (user + system) / 1_000 };
  process.stdout.write(`${JSON.stringify({ call, ended })}\n`);
}

const [seed = 0, numRuns = 1] = process.argv.slice(2).map(Number);
for (const call of fc.sample(fuzzedCall, { seed, numRuns })) await serve(call);
