import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createHost, type Host } from '../../conformance/host.ts';
import { EXECUTABLE } from '../executable.ts';
import { judgeAnswer, type Reasons, reasonsOf } from './answers.ts';
import { judge, judgeEnd, type Sight, type StateFile } from './invariants.ts';
import { DESK, type Kernel, lookLines, readKernel } from './kernel.ts';
import { newWorld, noteAdded, noteDeleted, noteOperation, type World } from './model.ts';
import { HOMES, NETWORKS } from './networks.ts';
import type { Operation } from './operations.ts';
import { type Asked, planEnd, planFollowUp, planStep, type Situation, type Step } from './plan.ts';
import { FURNISH, PRELUDE, scriptOf, WIPE } from './script.ts';

/** Longer than any call may take, on a machine that does other things besides. */
const STEP_MS = 60_000;

/** What a call answered. */
export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a history ended. */
export interface Course {
  /** What is wrong, after the last of the steps. */
  readonly problems: readonly string[];
  /** The lines of each step, in order, as a script to run by hand. */
  readonly script: string;
}

const EMPTY: Kernel = {
  owners: new Set(),
  links: [],
  addresses: new Map(),
  elements: [],
  chains: [],
  consulted: new Set(),
};

/** A throw-away host for many histories, one after another. */
export interface Stage extends AsyncDisposable {
  readonly play: (operations: readonly Operation[]) => Promise<Course>;
}

/** Makes a host for histories. */
export async function createStage(executable = EXECUTABLE): Promise<Stage> {
  const host = await createHost();
  await host.run(['sh', '-euc', FURNISH.join('\n')]);
  return {
    play: (operations) => play({ host, executable }, operations),
    [Symbol.asyncDispose]: () => host.dispose(),
  };
}

interface Place {
  readonly host: Host;
  readonly executable: string;
}

/** A history on its way. */
interface Run extends Place {
  readonly world: World;
  readonly steps: (readonly string[])[];
  readonly keepsCopies: boolean;
  kernel: Kernel;
  number: number;
}

async function play(place: Place, operations: readonly Operation[]): Promise<Course> {
  const keepsCopies = operations.some((one) => one.do === 'restore');
  const run: Run = { ...place, world: newWorld(), steps: [], keepsCopies, kernel: EMPTY, number: 0 };
  try {
    const problems = await playAll(run, operations);
    return { problems, script: scriptOf(run.steps) };
  } finally {
    await wipe(place.host);
  }
}

async function playAll(run: Run, operations: readonly Operation[]): Promise<readonly string[]> {
  for (const [index, operation] of operations.entries()) {
    const problems = await perform(run, operation, index);
    if (problems.length > 0) return problems;
  }
  return finish(run);
}

function situationOf({ host, world, kernel, number }: Run, index: number): Situation {
  return { host, world, kernel, index, number };
}

async function perform(run: Run, operation: Operation, index: number): Promise<readonly string[]> {
  const { world } = run;
  const step = planStep(operation, situationOf(run, index));
  const reasons = reasonsOf(step.asked, world);
  const copies = run.keepsCopies ? [`keep ${index}`] : [];
  run.steps.push([...step.lines, ...copies]);
  if (!step.isReal && copies.length === 0) return [];
  const answers = await execute(run, step, copies);
  if (step.isReal) noteOperation(world, operation);
  const told = note(world, step.asked, answers);
  const problems = [...told, ...judgeAnswers(step, answers, { world, reasons })];
  if (problems.length > 0) return problems;
  const found = judge(await see(run));
  if (found.length > 0) return found;
  const isDone = step.isReal && step.asked.every(({ number }) => answers.get(number)?.code === 0);
  return isDone ? followUp(run, operation, index) : [];
}

/** CHECK after an ADD, if it is asked for. */
async function followUp(run: Run, operation: Operation, index: number): Promise<readonly string[]> {
  if (operation.do !== 'add' || operation.checked !== true) return [];
  const step = planFollowUp(`${operation.network}/${operation.container}`, situationOf(run, index));
  if (!step.isReal) return [];
  run.steps.push(step.lines);
  const answers = await execute(run, step, []);
  return judgeAnswers(step, answers, { world: run.world, reasons: new Map() });
}

/** Runs the lines of a step, then looks. */
async function execute(
  run: Run,
  step: Step,
  copies: readonly string[],
): Promise<ReadonlyMap<number, Answer>> {
  const { host, world, executable } = run;
  const sandboxes = new Set(world.sandboxes);
  for (const { call, what } of step.asked)
    if (what === 'add' && call !== undefined) sandboxes.add(call.container);
  const gone = step.lines.flatMap((line) => /^ip netns delete (\w+)$/.exec(line)?.[1] ?? []);
  for (const name of gone) sandboxes.delete(name);
  const script = [PRELUDE, ...step.lines, ...copies, ...lookLines(sandboxes)].join('\n');
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', FLATNET: executable };
  const ended = await host.exec(['sh', '-euc', script], { env, timeoutMs: STEP_MS });
  if (ended.exitCode !== 0) throw new Error(`A step failed: ${step.lines.join('\n')}\n${ended.stderr}`);
  for (const name of sandboxes) world.sandboxes.add(name);
  run.kernel = await readKernel(host, sandboxes);
  run.number += step.asked.length;
  return new Map(await Promise.all(step.asked.map(async (one) => readAnswer(host, one))));
}

async function readAnswer(host: Host, { number }: Asked): Promise<[number, Answer]> {
  const read = (end: string) => readFile(host.file(`${DESK}/${number}.${end}`), 'utf8');
  const [code, stdout, stderr] = await Promise.all([read('code'), read('out'), read('err')]);
  return [number, { code: Number(code), stdout, stderr }];
}

/** Takes notice of the calls that succeeded. */
function note(
  world: World,
  asked: readonly Asked[],
  answers: ReadonlyMap<number, Answer>,
): readonly string[] {
  for (const { number, what, call, triple = '' } of asked) {
    const { code, stdout } = answers.get(number)!;
    if (what === 'del' && code === 0) noteDeleted(world, triple);
    if (call?.do !== 'add') continue;
    world.asked.set(triple, code === 0 ? call.ports : (world.asked.get(triple) ?? call.ports));
    if (code !== 0) continue;
    try {
      noteAdded(world, call, JSON.parse(stdout));
    } catch {
      return [`ADD of ${triple} printed what is no JSON: ${stdout}`];
    }
  }
  return [];
}

function judgeAnswers(
  { asked }: Step,
  answers: ReadonlyMap<number, Answer>,
  { world, reasons }: { readonly world: World; readonly reasons: Reasons },
): readonly string[] {
  const after = reasonsOf(asked, world);
  return asked.flatMap((one) =>
    judgeAnswer(one, answers.get(one.number)!, {
      before: reasons.get(one.number) ?? { against: [] },
      after: asked.length > 1 ? (after.get(one.number)?.against ?? []) : [],
      isAlone: asked.length === 1,
      isContested: asked.some((other) => other !== one && isContest(one, other)),
      mayWarn: mayWarn(world, asked),
    }),
  );
}

/** Whether two calls ask host-local for one address: it gives it away before flatnet can look at ports. */
function isContest({ call: one }: Asked, { call: other }: Asked): boolean {
  if (one?.do !== 'add' || other?.do !== 'add' || NETWORKS[one.network].isDelegated !== true) return false;
  return one.network === other.network && one.requested !== undefined && one.requested === other.requested;
}

function mayWarn(world: World, asked: readonly Asked[]): boolean {
  // What is remembered of an attachment with foreign addresses is noted some time after its link is made.
  const isNoting = asked.some(
    ({ call }) => call?.do === 'add' && NETWORKS[call.network].isDelegated === true,
  );
  const isHurt = [...world.live.values()].some((attached) => attached.isForgotten || attached.isCut);
  return isNoting || isHurt || world.damaged.size > 0;
}

async function readFiles(host: Host): Promise<Sight['files']> {
  const read = async (home: string): Promise<[string, StateFile]> => {
    const path = host.file(`${home}/allocations.json`);
    if (!existsSync(path)) return [home, undefined];
    try {
      const file = JSON.parse(await readFile(path, 'utf8'));
      // One bit makes another section of it.
      return [home, typeof file?.allocations === 'object' ? file : null];
    } catch {
      return [home, null];
    }
  };
  return new Map(await Promise.all(HOMES.map(read)));
}

async function see({ host, world, kernel }: Run): Promise<Sight> {
  return { world, kernel, files: await readFiles(host) };
}

/** DEL of everything, after which nothing may be there. */
async function finish(run: Run): Promise<readonly string[]> {
  const step = planEnd(situationOf(run, run.steps.length));
  run.steps.push(step.lines);
  const answers = await execute(run, step, []);
  const told = judgeAnswers(step, answers, { world: run.world, reasons: new Map() });
  if (told.length > 0) return told;
  const list = (path: string): Promise<readonly string[]> => {
    const place = run.host.file(path);
    return existsSync(place) ? readdir(place) : Promise.resolve([]);
  };
  const notes = (await list('/run/flatnet')).filter((name) => name.startsWith('attachment-'));
  const delegated = (await list(`${NETWORKS.n3.home}/n3`)).filter((name) => /^\d/.test(name));
  const files = await readFiles(run.host);
  return judgeEnd({ world: run.world, kernel: run.kernel, files }, [...notes, ...delegated]);
}

/** Leaves the host as it was made. */
async function wipe(host: Host): Promise<void> {
  await host.run(['sh', '-euc', WIPE.join('\n')], { timeoutMs: STEP_MS });
}
