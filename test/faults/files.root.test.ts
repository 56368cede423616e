import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureExecutable } from '../executable.ts';
import { isPlainWay } from '../plain/way.ts';
import { type Bench, type ChangingVerb, createBenches } from './bench.ts';
import { startSlow } from './disturb.ts';
import { strike } from './kill.ts';
import { type Answer, CONF, type Conf, expectError, expectSuccess } from './machine.ts';
import { fileSteps, planKills, planStops } from './matrix.ts';
import { DRIVER_NETWORKS, isDelegated, NETWORKS } from './networks.ts';
import { EVERYTHING, shareOut } from './pool.ts';
import { aimAt, type Fault, type FilePoint, inject, isChanging, isNetlink, recordFiles } from './syscalls.ts';

const FILE_ERRORS: readonly Fault[] = ['error=ENOSPC', 'error=EROFS', 'error=EACCES', 'error=EIO'];
const REQUEST_ERRORS: readonly Fault[] = ['error=ENOBUFS', 'error=ENOMEM', 'error=EPERM', 'error=EACCES'];
/** What the kernel says to other things than files. */
const OTHER_ERRORS: Readonly<Record<string, readonly Fault[]>> = {
  socket: ['error=EMFILE', 'error=EPROTONOSUPPORT', 'error=ENOBUFS'],
  setns: ['error=EPERM', 'error=ENOMEM'],
};
const WORKERS = 4;
/** Two suffice as a rule; what else the machine does changes how many calls of Node's own come before. */
const ATTEMPTS = 60;

interface Trial {
  readonly point: FilePoint;
  readonly fault: Fault;
}

function errorsAt(point: FilePoint): readonly Fault[] {
  return OTHER_ERRORS[point.syscall] ?? (isNetlink(point) ? REQUEST_ERRORS : FILE_ERRORS);
}

/** All errors where a file can be damaged; where flatnet only looks, and of requests to the kernel, one in turn. */
function trials(points: readonly FilePoint[]): readonly Trial[] {
  const isTriedInFull = (point: FilePoint) => EVERYTHING || (isChanging(point) && !isNetlink(point));
  return points.flatMap((point, index) => {
    const errors = errorsAt(point);
    return errors
      .filter((_fault, at) => isTriedInFull(point) || at === index % errors.length)
      .map((fault) => ({ point, fault }));
  });
}

/** Tries until the fault hit what it was meant for; what else it hits is Node's own, which may then just die. */
async function tryFault(bench: Bench, verb: ChangingVerb, { point, fault }: Trial): Promise<void> {
  const { machine, conf } = bench;
  const name = `${verb} with ${fault} at ${point.syscall} ${point.path}`;
  let aim = aimAt(point);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (verb === 'DEL') expectSuccess(await machine.call('ADD', { conf }));
    const { answer, isHit, next } = await inject(machine, { aim, fault }, (under) =>
      machine.call(verb, { conf, under }),
    );
    await expectNothingLeft(bench, { name, answer, mayDie: !isHit });
    if (isHit) return;
    aim = next;
  }
  throw new Error(`${name}: never reached`);
}

async function expectNothingLeft(
  { machine, conf, before }: Bench,
  { name, answer, mayDie }: { name: string; answer: Answer; mayDie: boolean },
): Promise<void> {
  if (!mayDie) expect(answer.ms, name).toBeLessThan(30_000);
  if (!mayDie && answer.exitCode !== 0) {
    expectError(answer, undefined, name);
    if (name.startsWith('ADD')) expect(await machine.state(), name).toEqual(before);
  }
  expectSuccess(await machine.call('DEL', { conf, netns: null }));
  expect(await machine.state(), `DEL after ${name}`).toEqual(before);
}

async function recordFilesOf({ machine, conf }: Bench) {
  const ADD = await recordFiles(machine, (under) => machine.call('ADD', { conf, under }));
  const DEL = await recordFiles(machine, (under) => machine.call('DEL', { conf, under }));
  return { ADD, DEL };
}

const VERBS = ['ADD', 'DEL'] as const;
/** By their numbers in <linux/rtnetlink.h>: to make a link and an address; to remove a link. */
const REQUESTS: Readonly<Record<ChangingVerb, readonly string[]>> = {
  ADD: ['write NETLINK_ROUTE 0x0010', 'write NETLINK_ROUTE 0x0014'],
  DEL: ['writev NETLINK_ROUTE 0x0011'],
};
const PORTS = [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }];
const PUBLISHED: Conf = { ...CONF, runtimeConfig: { portMappings: PORTS } };
/** Every how manieth trial of a test run is made where the work is known from another protocol. */
const DRIVER_EVERY = 14;
const ALL: readonly [string, Conf, number][] = [
  ['a network with a published port', PUBLISHED, 1],
  ...(EVERYTHING ? NETWORKS : []).map(([name, conf]): [string, Conf, number] => [name, conf, 1]),
  ...DRIVER_NETWORKS.slice(EVERYTHING ? 0 : -1).map(([name, conf]): [string, Conf, number] => [
    name,
    conf,
    EVERYTHING ? 1 : DRIVER_EVERY,
  ]),
];

describe.each(ALL)('%s', (_network, conf, every) => {
  let benches: readonly Bench[];
  let points: Readonly<Record<ChangingVerb, readonly FilePoint[]>>;
  let stopped: Promise<readonly unknown[]>;
  /** One in `every`: the network's part of a test run. */
  const sampled = <T>(items: readonly T[]): readonly T[] =>
    items.filter((_item, index) => index % every === 0);

  beforeAll(async () => {
    await ensureExecutable();
    benches = await createBenches(conf, WORKERS);
    points = await recordFilesOf(benches[0]!);
    const stops = VERBS.flatMap((verb) => planStops(conf, verb, sampled(fileSteps(points[verb]))));
    stopped = startSlow(
      conf,
      stops.map((kill) => (bench) => strike(bench, kill)),
    );
  });

  afterAll(async () => {
    await stopped;
    await Promise.all(benches.map((bench) => bench[Symbol.asyncDispose]()));
  }, 600_000);

  test.each(VERBS)('%s touches the files that there are, and makes its requests of the kernel', (verb) => {
    const paths = points[verb].map(({ path }) => path).join('\n');
    const requests = points[verb].filter((point) => isNetlink(point) && isChanging(point));
    const made = requests.map(({ syscall, path }) => `${syscall} ${path}`);
    if (!isPlainWay) expect(made).toEqual(expect.arrayContaining([...REQUESTS[verb]]));
    if (!isDelegated(conf)) expect(paths).toContain('/var/lib/flatnet/ipam/allocations.json.lock');
    expect(paths).toContain('/var/log/flatnet/cni.log');
  });

  test.each(VERBS)(
    '%s leaves nothing when any one file operation or request to the kernel fails',
    { timeout: 900_000 },
    (verb) =>
      shareOut(benches, sampled(trials(points[verb])), (bench, trial) => tryFault(bench, verb, trial)),
  );

  test.each(VERBS)(
    '%s leaves nothing that DEL or GC does not remove when it is killed, interrupted or not heard at any of them',
    { timeout: 900_000 },
    (verb) => shareOut(benches, sampled(planKills(conf, verb, fileSteps(points[verb]))), strike),
  );

  test('nothing is left when flatnet was stopped at one of them', { timeout: 900_000 }, async () => {
    expect(await stopped).toEqual([]);
  });
});
