import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureExecutable, EXECUTABLE } from '../test/executable.ts';
import { type Contender, makeSlots, nextContainer, type Slot } from './contenders/contender.ts';
import { flatnet } from './contenders/flatnet.ts';
import { median } from './statistics.ts';
import { type Figures, measure, measureTogether, type Timed } from './stopwatch.ts';

/** What a line of flatnet's log says of one call at level `debug`. */
interface LogLine {
  readonly verb: string;
  readonly ms: number;
  readonly steps: Readonly<Record<string, number>>;
  readonly commands: readonly { readonly command: string; readonly ms: number }[];
}

const LOG = '/var/log/flatnet/cni.log';
const WARM_UP = 2;

function talkative(commands: readonly Timed[]): readonly Timed[] {
  return commands.map((one) => ({ ...one, env: { ...one.env, FLATNET_LOG_LEVEL: 'debug' } }));
}

/** A command without what differs from call to call. */
function nameOf(command: string): string {
  return command.replace(/\b(fn|flatnet-)\w+/g, '$1...').slice(0, 60);
}

function print(title: string, values: readonly number[]): void {
  console.log(`  ${title.padEnd(64)} ${median(values).toFixed(2).padStart(8)}`);
}

function printCalls(verb: string, walls: readonly number[], lines: readonly LogLine[]): void {
  console.log(`${verb}, median of ${lines.length}, ms`);
  print('wall, as the runtime sees it', walls);
  print(
    'start of the runtime, and its end',
    walls.map((wall, index) => wall - lines[index]!.ms),
  );
  for (const step of Object.keys(lines[0]?.steps ?? {})) {
    print(
      `step: ${step}`,
      lines.flatMap(({ steps }) => steps[step] ?? []),
    );
  }
  for (const [index, { command }] of (lines[0]?.commands ?? []).entries()) {
    print(
      `command: ${nameOf(command)}`,
      lines.flatMap((line) => line.commands[index]?.ms ?? []),
    );
  }
}

async function readLog(contender: Contender, verb: string): Promise<readonly LogLine[]> {
  const text = await readFile(contender.host.file(LOG), 'utf8');
  const lines: LogLine[] = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return lines.filter((line) => line.verb === verb);
}

async function runLanes(
  { host }: Contender,
  lanes: readonly (readonly Timed[])[],
): Promise<readonly Figures[]> {
  const [only, ...others] = lanes;
  return only !== undefined && others.length === 0
    ? [await measure(host, ...only)]
    : (await measureTogether(host, lanes)).lanes;
}

async function trace(contender: Contender, slots: readonly Slot[], rounds: number): Promise<void> {
  const walls: Record<'ADD' | 'DEL', number[]> = { ADD: [], DEL: [] };
  const run = async (verb: 'ADD' | 'DEL', lanes: readonly (readonly Timed[])[]) => {
    const figures = await runLanes(contender, lanes.map(talkative));
    walls[verb].push(...figures.map(({ wallMs }) => wallMs));
    return figures;
  };
  for (let round = 0; round < WARM_UP + rounds; round++) {
    const containers = slots.map(nextContainer);
    const added = await run('ADD', containers.map(contender.add));
    await run(
      'DEL',
      containers.map((one, index) => contender.del(one, added[index]!.output)),
    );
  }
  const warm = WARM_UP * slots.length;
  for (const verb of ['ADD', 'DEL'] as const) {
    printCalls(verb, walls[verb].slice(warm), (await readLog(contender, verb)).slice(warm));
  }
}

const { values } = parseArgs({
  options: {
    executable: { type: 'string' },
    rounds: { type: 'string', default: '15' },
    together: { type: 'string', default: '1' },
    port: { type: 'boolean', default: false },
  },
});
if (values.executable === undefined) await ensureExecutable();
const executable = resolve(values.executable ?? EXECUTABLE);
await using contender = await flatnet(executable, { ipMasq: true, withPort: values.port });
await trace(contender, await makeSlots(contender.host, Number(values.together)), Number(values.rounds));
