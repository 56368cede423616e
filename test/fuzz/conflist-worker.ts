import fc from 'fast-check';
import { type ConflistFile, inspectConflist } from '../../src/cni/conflist.ts';
import { runPlugin } from '../../src/cni/run.ts';
import { conflist } from './conflists.ts';

/**
 * Reads made-up network lists one after another, as the command line does, and hands the entry to the plugin, as libcni
 * does. Prints each list with both verdicts as a line of JSON.
 */

type Fields = Readonly<Record<string, unknown>>;

/** Name and version of the list go into the plugin's own entry; nothing where libcni would refuse the list itself. */
function entryOf(text: string): Fields | undefined {
  try {
    const { name, cniVersion, plugins } = JSON.parse(text) as Fields;
    const entry = (plugins as readonly Fields[]).find(({ type }) => type === 'flatnet');
    return entry && { ...entry, name, cniVersion };
  } catch {
    return undefined;
  }
}

async function askPlugin(entry: Fields): Promise<unknown> {
  let stdout = '';
  await runPlugin({
    env: {
      CNI_COMMAND: 'ADD',
      CNI_CONTAINERID: 'fuzzed',
      CNI_IFNAME: 'eth0',
      CNI_NETNS: '/run/netns/absent',
      CNI_PATH: '/nonexistent',
    },
    readStdin: () => Promise.resolve(JSON.stringify(entry)),
    isWholeProcess: false,
    writeStdout: (document) => {
      stdout += document;
    },
  });
  return JSON.parse(stdout);
}

function verdictOf(file: ConflistFile) {
  return file.kind === 'broken' ? { kind: file.kind, problem: file.problem } : { kind: file.kind };
}

const [seed = 0, numRuns = 1] = process.argv.slice(2).map(Number);
for (const text of fc.sample(conflist, { seed, numRuns })) {
  const before = process.cpuUsage();
  const verdict = verdictOf(inspectConflist(text, '/etc/cni/net.d/flatnet.conflist'));
  const { user, system } = process.cpuUsage(before);
  const ms = (user + system) / 1_000;
  const entry = entryOf(text);
  const answer = entry === undefined ? undefined : await askPlugin(entry);
  process.stdout.write(`${JSON.stringify({ text, verdict, ms, answer })}\n`);
}
