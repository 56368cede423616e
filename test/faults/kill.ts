import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { expect } from 'vitest';
import type { RunningCommand } from '../../conformance/exec.ts';
import { EXECUTABLE } from '../executable.ts';
import { type Bench, type ChangingVerb, forget, makeCold } from './bench.ts';
import { type Answer, expectError, expectSuccess } from './machine.ts';
import { type Aim, type Fault, inject, TRACE } from './syscalls.ts';
import { type Cleanup, tidyUp } from './tidy.ts';
import { type Point, until } from './tools.ts';

/** What comes over a call: a signal, a runtime that stops listening, a machine that stands still. */
export type Blow = 'KILL' | 'TERM' | 'INT' | 'HUP' | 'closed' | 'stop';

/** One step of a call: a tool that starts (or, `isAfter`, has ended), or an operation on a file. */
export type Step =
  | { readonly kind: 'command'; readonly point: Point; readonly isAfter: boolean }
  | { readonly kind: 'file'; readonly aim: Aim };

/** One blow at one step, and what has to be right after the clean-up. */
export interface Kill {
  readonly verb: ChangingVerb;
  readonly step: Step;
  readonly blow: Blow;
  readonly cleanup: Cleanup;
}

/** Longer than every time limit of a call. */
const STOPPED_MS = 29_000;
const OUT = '/run/out';
const READER = '/run/reader';

/** Starts flatnet with a fifo for stdout, whose reader is a process that can be ended. */
const INTO_FIFO = ['sh', '-c', `exec "$@" > ${OUT}`, 'sh'];

async function startReader({ machine: { host } }: Bench): Promise<RunningCommand> {
  await host.run(['sh', '-c', `rm -f ${OUT} ${READER}; mkfifo ${OUT}`]);
  const reader = host.start(['cat', OUT], { timeoutMs: 100_000 });
  await writeFile(host.file(READER), `${reader.pid}\n`);
  return reader;
}

/** The flatnet that strace has stopped: its command line begins with the path of the executable. */
async function stoppedFlatnet({ machine: { host } }: Bench): Promise<number> {
  const ours = ['--ns', String(host.pid), '--nslist', 'mnt', '--full', '--exact', `${EXECUTABLE}( .*)?`];
  return Number((await host.run(['pgrep', ...ours])).trim());
}

/** Waits until strace has stopped flatnet, does something, and lets it go on; or until it ended without. */
export async function whenStopped(
  bench: Bench,
  ended: () => boolean,
  body: () => Promise<unknown>,
): Promise<void> {
  const trace = bench.machine.host.file(TRACE);
  const isStopped = () =>
    existsSync(trace) && readFileSync(trace, 'utf8').includes('--- stopped by SIGSTOP ---');
  await until(() => isStopped() || ended(), 'flatnet was not stopped');
  if (ended()) return;
  const pid = await stoppedFlatnet(bench);
  await body();
  process.kill(pid, 'SIGCONT');
}

/** What strace can only prepare: at the step flatnet is stopped, and the blow falls. */
async function strikeStopped(blow: Blow, reader: RunningCommand): Promise<void> {
  if (blow === 'closed') {
    reader.kill('SIGKILL');
    await reader.result;
  } else {
    await new Promise((resolve) => setTimeout(resolve, STOPPED_MS));
  }
}

/** How a struck call ended, and where its step is to be looked for next, unless it was met. */
interface Struck {
  readonly answer: Answer;
  readonly retry: Step | undefined;
}

type Strike = (bench: Bench, kill: Kill, reader: RunningCommand) => Promise<Struck>;

const strikeCommand: Strike = async (bench, { verb, step, blow }) => {
  if (step.kind !== 'command') throw new Error('not a command');
  const { machine, conf, tools } = bench;
  const isSignal = blow !== 'closed' && blow !== 'stop';
  const mode = isSignal && step.isAfter ? (`after-${blow}` as const) : blow;
  const answer = await tools.disturb(step.point, mode, () =>
    machine.call(verb, { conf, under: INTO_FIFO, timeoutMs: 90_000 }),
  );
  return { answer, retry: undefined };
};

/** Node's own calls before the step are not the same number in every run: a miss is tried again where it was seen. */
const strikeFile: Strike = async (bench, { verb, step, blow }, reader) => {
  if (step.kind !== 'file') throw new Error('not a file');
  const { machine, conf } = bench;
  const isPrepared = blow === 'closed' || blow === 'stop';
  const fault: Fault = `signal=${isPrepared ? 'STOP' : blow}`;
  const { answer, isHit, next } = await inject(machine, { aim: step.aim, fault }, async (words) => {
    let isOver = false;
    const calling = machine
      .call(verb, { conf, under: [...INTO_FIFO, ...words], timeoutMs: 90_000 })
      .finally(() => (isOver = true));
    if (isPrepared)
      await whenStopped(
        bench,
        () => isOver,
        () => strikeStopped(blow, reader),
      );
    return calling;
  });
  return { answer, retry: isHit ? undefined : { kind: 'file', aim: next } };
};

/** The tools of a flatnet that was killed go on for a moment; what they make is part of the picture. */
async function untilQuiet({ machine: { host } }: Bench): Promise<void> {
  const tools = 'ip|nft|nsenter|tc|conntrack|host-local|tee';
  const script = `while pgrep --ns ${host.pid} --nslist mnt --exact '${tools}' > /dev/null; do sleep 0.01; done`;
  await host.run(['sh', '-c', script]);
}

/** The log is written when the answer is out: who stops listening then has heard it. */
const isAfterAnswer = (step: Step) => step.kind === 'file' && step.aim.point.path.startsWith('/var/log/');

function expectUnwound({ verb, step, blow }: Kill, answer: Answer): void {
  expect(answer.ms).toBeLessThan(blow === 'stop' ? 70_000 : 30_000);
  if (blow === 'KILL') return;
  // To whoever stopped listening no error can be told.
  if (blow === 'closed') expect(answer.exitCode).toBe(verb === 'ADD' && !isAfterAnswer(step) ? 1 : 0);
  else if (verb === 'DEL' || answer.exitCode === 0) expectSuccess(answer);
  else expectError(answer, 11);
}

/** Strikes once; even where the step was not met nothing may be left. Returns where to look for it next. */
async function strikeOnce(bench: Bench, kill: Kill): Promise<Step | undefined> {
  const { machine, conf, before } = bench;
  const { verb, step, cleanup } = kill;
  if (step.kind === 'command') await makeCold(bench);
  if (verb === 'DEL') expectSuccess(await machine.call('ADD', { conf }));
  if (verb === 'DEL' && step.kind === 'command') await forget(bench);
  const reader = await startReader(bench);
  const struck = await (step.kind === 'command' ? strikeCommand : strikeFile)(bench, kill, reader);
  const { stdout } = await reader.result;
  const answer = { ...struck.answer, stdout, document: documentIn(stdout) };
  if (struck.retry === undefined) {
    expectUnwound(kill, answer);
    if (answer.exitCode === (verb === 'ADD' ? 1 : 0)) expect(await machine.state()).toEqual(before);
  }
  await untilQuiet(bench);
  await tidyUp(bench, cleanup);
  expect(await machine.state()).toEqual(before);
  return struck.retry;
}

function documentIn(stdout: string): Answer['document'] {
  return stdout === '' ? undefined : (JSON.parse(stdout) as Answer['document']);
}

function describeKill({ verb, step, blow, cleanup }: Kill): string {
  const where =
    step.kind === 'file'
      ? `${step.aim.point.syscall} ${step.aim.point.path}`
      : `${step.isAfter ? 'the end' : 'the start'} of ${step.point.tool} ${step.point.words}`;
  return `${verb} with ${blow} at ${where}, then ${cleanup}`;
}

/** What other calls of Node's own come before decides whether a file operation is met at the first try. */
const ATTEMPTS = 60;

/** Strikes a call at one step and tidies up: nothing is left. */
export async function strike(bench: Bench, kill: Kill): Promise<void> {
  try {
    let aim = kill;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const next = await strikeOnce(bench, aim);
      if (next === undefined) return;
      aim = { ...kill, step: next };
    }
    throw new Error('never met');
  } catch (cause) {
    // The next one is to fail for a reason of its own.
    await tidyUp(bench, 'DEL').catch(() => undefined);
    throw new Error(`${describeKill(kill)}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}
