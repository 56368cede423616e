import { existsSync } from 'node:fs';
import { rm, readdir, readFile, writeFile, mkdir, chmod } from 'node:fs/promises';
import type { Machine } from './machine.ts';

/**
 * What a tool does when its turn comes:
 * `fail` nothing, and says so; `crash` nothing, it dies; `lie` its work, and calls it a failure; `babble` its work, and
 * prints rubbish; `hang` nothing, for ever; `linger` its work, and leaves a process behind that keeps its pipes open;
 * a signal's name sends that to flatnet before the tool does its work, `after-` and the name afterwards; `closed` ends
 * the process that reads flatnet's answer; `hook` runs the script of `setHook` first; `stop` stops flatnet for longer than
 * all its time limits.
 */
export type Mode =
  | 'fail'
  | 'crash'
  | 'lie'
  | 'babble'
  | 'hang'
  | 'linger'
  | 'closed'
  | 'hook'
  | 'stop'
  | `${'' | 'after-'}${'KILL' | 'TERM' | 'INT' | 'HUP'}`;

/** The n-th start of a tool in one call, counted from 1. */
export interface Point {
  readonly tool: string;
  readonly nth: number;
  /** Its words, as recorded. */
  readonly words: string;
}

const DIRECTORY = '/run/tools';
const PATIENCE_MS = 30_000;
/** Between two plans the tools are what they were, and nothing is noted. */
const IDLE = 'idle 0 none\n';
export const STOPPED_SECONDS = 29;

/** Takes the place of a tool: notes each start in a file of its own, made atomically, and does what the plan says. */
const WRAPPER = `#!/bin/sh
name=\${0##*/}
real=${DIRECTORY}/real/$name
read -r tool nth mode < ${DIRECTORY}/plan
[ "$tool" != idle ] || exec $real "$@"
n=1
while ! (set -C; printf '%s' "$*" > ${DIRECTORY}/run/$name.$n) 2>/dev/null; do n=$((n + 1)); done
[ "$name.$n" = "$tool.$nth" ] || exec $real "$@"
case $mode in
  fail) echo 'RTNETLINK answers: Input/output error' >&2; exit 2 ;;
  crash) kill -SEGV $$ ;;
  lie) $real "$@"; echo 'Error: Input/output error' >&2; exit 1 ;;
  babble) $real "$@" > /dev/null; rc=$?; echo '[{"not json'; exit $rc ;;
  hang) exec sleep 60 ;;
  linger) sleep 60 & exec $real "$@" ;;
  stop) (sleep ${STOPPED_SECONDS}; kill -CONT $PPID) > /dev/null 2>&1 < /dev/null & kill -STOP $PPID; exec $real "$@" ;;
  closed) read -r pid < /run/reader; kill -KILL $pid; while kill -0 $pid; do sleep 0.01; done 2> /dev/null; exec $real "$@" ;;
  hook) sh ${DIRECTORY}/hook; exec $real "$@" ;;
  after-*) $real "$@"; rc=$?; kill -\${mode#after-} $PPID; : > ${DIRECTORY}/over; exit $rc ;;
  *) kill -$mode $PPID; $real "$@"; rc=$?; : > ${DIRECTORY}/over; exit $rc ;;
esac
`;

/** Tools of a machine that can be made to fail. */
export interface Tools {
  /** Runs the call and returns every start of a tool in it. */
  record(call: () => Promise<unknown>): Promise<readonly Point[]>;
  /** Runs the call with one start of a tool gone wrong; fails when that start never came. */
  disturb<T>(point: Point, mode: Mode, call: () => Promise<T>): Promise<T>;
  /** What `hook` does. */
  setHook(script: string): Promise<void>;
  /** Waits for that start of a tool, in a call that is being disturbed. */
  untilStarted(point: Point): Promise<void>;
}

/** Puts the wrapper over tools, in this machine alone. */
export async function wrapTools(machine: Machine, paths: readonly string[]): Promise<Tools> {
  const { host } = machine;
  const inside = (path: string) => host.file(`${DIRECTORY}/${path}`);
  for (const directory of ['real', 'run']) await mkdir(inside(directory), { recursive: true });
  await writeFile(inside('plan'), IDLE);
  for (const path of paths) {
    const name = path.split('/').at(-1) ?? '';
    await host.run(['cp', '--dereference', path, `${DIRECTORY}/real/${name}`]);
    await writeFile(inside(name), WRAPPER);
    await chmod(inside(name), 0o755);
    await host.run(['mount', '--bind', `${DIRECTORY}/${name}`, path]);
  }
  const arm = async (plan: string) => {
    for (const file of await readdir(inside('run'))) await rm(inside(`run/${file}`));
    await rm(inside('over'), { force: true });
    await writeFile(inside('plan'), `${plan}\n`);
  };
  const points = async (): Promise<Point[]> => {
    const files = await readdir(inside('run'));
    const found = files.map(async (file): Promise<Point> => {
      const [tool = '', nth] = file.split('.');
      return { tool, nth: Number(nth), words: await readFile(inside(`run/${file}`), 'utf8') };
    });
    return (await Promise.all(found)).sort((a, b) => a.tool.localeCompare(b.tool) || a.nth - b.nth);
  };
  return {
    async record(call) {
      await arm('none 0 none');
      await call();
      await writeFile(inside('plan'), IDLE);
      return points();
    },
    async disturb({ tool, nth, words }, mode, call) {
      await arm(`${tool} ${nth} ${mode}`);
      const result = await call();
      const started = await points();
      await writeFile(inside('plan'), IDLE);
      if (!started.some((point) => point.tool === tool && point.nth === nth)) {
        throw new Error(`"${tool} ${words}" was not started`);
      }
      if (mode.endsWith('KILL')) await until(() => existsSync(inside('over')), 'a tool did not end');
      return result;
    },
    setHook: (script) => writeFile(inside('hook'), script),
    untilStarted: ({ tool, nth, words }) =>
      until(() => existsSync(inside(`run/${tool}.${nth}`)), `"${tool} ${words}" was not started`),
  };
}

/**
 * Waits for a condition of the machine. A tool outlives the flatnet that it killed, for example; what it makes then is
 * part of the picture.
 */
export async function until(holds: () => boolean, otherwise: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(otherwise);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
