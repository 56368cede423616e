import { mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DIST } from '../build/project.ts';
import { ensureExecutable, EXECUTABLE } from '../test/executable.ts';
import { flatnet, type Features } from './contenders/flatnet.ts';
import { makeSlots } from './contenders/contender.ts';
import { findPeers } from './peers.ts';
import { formatTable, load, machine } from './report.ts';
import type { Row } from './rows.ts';
import { attach } from './scenarios/attach.ts';
import { crowd } from './scenarios/crowd.ts';
import { gateway } from './scenarios/gateway.ts';
import { names } from './scenarios/names.ts';
import { netavark } from './scenarios/netavark.ts';
import { podman } from './scenarios/podman.ts';
import { podman5 } from './scenarios/podman5.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { ports } from './scenarios/ports.ts';
import { start } from './scenarios/start.ts';
import { together } from './scenarios/together.ts';
import { measure } from './stopwatch.ts';

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  start,
  attach,
  together,
  crowd,
  ports,
  names,
  gateway,
  podman,
  netavark,
  podman5,
};

const USAGE = `Measures flatnet against its peers, in throw-away hosts: npm run bench -- [OPTION]...
  --only NAME        one scenario: ${Object.keys(SCENARIOS).join(', ')}; may be repeated
  --rounds N         turns of each contender that count (default 30)
  --executable FILE  the flatnet to measure (default dist/flatnet, built when it is stale)
  --json FILE        where the figures go (default dist/bench/results.json)`;

function parseOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: Object.keys(SCENARIOS) },
      rounds: { type: 'string', default: '30' },
      executable: { type: 'string' },
      json: { type: 'string', default: join(DIST, 'bench/results.json') },
      help: { type: 'boolean', default: false },
    },
  });
  return values;
}

function scenarioNamed(name: string): Scenario {
  const found = SCENARIOS[name];
  if (found === undefined) throw new Error(`Cannot measure "${name}": there is no such scenario\n${USAGE}`);
  return found;
}

/** Whether this executable maps ports; an older one is compared without. */
async function findFeatures(executable: string): Promise<Features> {
  const features = { ipMasq: true, withPort: true };
  await using contender = await flatnet(executable, features);
  const [slot] = await makeSlots(contender.host, 1);
  try {
    await measure(contender.host, ...contender.add(slot!));
    return features;
  } catch (error) {
    if (String(error).includes('Cannot map host port')) return { ...features, withPort: false };
    throw error;
  }
}

const { only, rounds, help, json, ...options } = parseOptions();
if (help) {
  console.log(USAGE);
  process.exit();
}
const scenarios = only.map(scenarioNamed);
if (options.executable === undefined) await ensureExecutable();
const executable = resolve(options.executable ?? EXECUTABLE);
const peers = await findPeers();
const features = await findFeatures(executable);
const notes = features.withPort
  ? []
  : ["This flatnet maps no ports: its rows are without one, the peers' with."];
const [time, loadBefore] = [new Date().toISOString(), load()];
const rows: Row[] = [];
for (const [index, scenario] of scenarios.entries()) {
  console.error(`measuring ${only[index]}`);
  rows.push(...(await scenario({ executable, features, rounds: Number(rounds), warmUp: 3 })));
}
const circumstances = {
  time,
  ...machine(),
  load: [loadBefore, load()] as const,
  executable,
  executableSize: (await stat(executable)).size,
  peers,
  notes,
};
await mkdir(dirname(resolve(json)), { recursive: true });
await writeFile(json, `${JSON.stringify({ ...circumstances, rows }, undefined, 2)}\n`);
console.log(formatTable(rows));
console.log(
  [
    'Medians of wall time, and of the processor time of the command and all it started; both in ms.',
    `Load of the machine ${circumstances.load.join(' to ')} on ${circumstances.processors} processors.`,
    ...notes,
    `Written to ${json}`,
  ].join('\n'),
);
process.exitCode = rows.some(({ holds }) => holds === false) ? 1 : 0;
