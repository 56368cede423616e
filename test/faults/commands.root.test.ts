import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureExecutable } from '../executable.ts';
import { isPlainWay, isPointless } from '../plain/way.ts';
import { type Bench, type ChangingVerb, createBenches, recordCommands, recordUsual } from './bench.ts';
import { deleteBesideStopped, disturb, startSlow } from './disturb.ts';
import { strike } from './kill.ts';
import { commandSteps, planKills } from './matrix.ts';
import { DRIVER_NETWORKS, NETWORKS } from './networks.ts';
import { EVERYTHING, shareOut } from './pool.ts';
import type { Mode, Point } from './tools.ts';

const WORKERS = 3;

/** Everything for the first network, and of the others, in a test run, the one fault that says most. */
function modes(all: readonly Mode[], network: string, few: readonly Mode[] = []): readonly Mode[] {
  return EVERYTHING || network === NETWORKS[0]?.[0] ? all : few;
}

const FAULTS: readonly Mode[] = [
  'fail',
  'lie',
  'babble',
  'linger',
  ...(EVERYTHING ? (['crash'] as const) : []),
];
const SLOW: readonly Mode[] = ['hang', 'stop'];

/** In a test run flatnet is stopped at every third command: each takes half a minute. */
const isTried = (mode: Mode, index: number) => EVERYTHING || mode !== 'stop' || index % 3 === 0;

/** Both protocols come to the same work, so a test run takes one of netavark's networks. */
const TRIED = [...NETWORKS, ...DRIVER_NETWORKS.slice(0, EVERYTHING ? undefined : 1)];

describe.each(TRIED)('%s', (network, conf) => {
  let benches: readonly Bench[];
  let points: Readonly<Record<ChangingVerb, readonly Point[]>>;
  let slow: Promise<readonly unknown[]>;

  beforeAll(async () => {
    await ensureExecutable();
    benches = await createBenches(conf, WORKERS);
    points = await recordCommands(benches[0]!);
    slow = startSlow(conf, slowWorks());
  });

  afterAll(async () => {
    await slow;
    await Promise.all(benches.map((bench) => bench[Symbol.asyncDispose]()));
  }, 300_000);

  const slowWorks = () => [
    ...modes(SLOW, network).flatMap((mode) =>
      (['ADD', 'DEL'] as const).flatMap((verb) =>
        points[verb]
          .filter((_point, index) => isTried(mode, index))
          .map((point) => (bench: Bench) => disturb(bench, { verb, point, mode })),
      ),
    ),
    ...(network === NETWORKS[0]?.[0]
      ? [
          (bench: Bench) =>
            deleteBesideStopped(
              bench,
              points.ADD.findLast(({ tool }) => tool === 'nft')!,
            ),
        ]
      : []),
  ];

  test('the recorded runs have the commands that there are', () => {
    expect(points.ADD.map(({ tool }) => tool)).toEqual(expect.arrayContaining(['ip', 'nft']));
    // By netlink, DEL finds its rules without a process of nft, also where nothing is remembered of them.
    if (!isPlainWay) expect(points.DEL.map(({ tool }) => tool)).not.toContain('nft');
  });

  test.skipIf(isPointless('all that a network needs is a command'))(
    'a network that is set up needs no command of the host but the one that knows the flows',
    async () => {
      const others = ({ tool }: Point) => tool !== 'host-local' && tool !== 'conntrack';
      expect((await recordUsual(benches[0]!)).filter(others)).toEqual([]);
    },
  );

  test.each(modes(FAULTS, network, ['lie']))(
    'ADD leaves nothing when any one command does %s',
    { timeout: 240_000 },
    (mode) => shareOut(benches, points.ADD, (bench, point) => disturb(bench, { verb: 'ADD', point, mode })),
  );

  test.each(modes(FAULTS, network, ['lie']))(
    'DEL that remembers nothing succeeds and can be repeated when any one command does %s',
    { timeout: 240_000 },
    (mode) => shareOut(benches, points.DEL, (bench, point) => disturb(bench, { verb: 'DEL', point, mode })),
  );

  if (EVERYTHING || network === NETWORKS[0]?.[0]) {
    test.each(['ADD', 'DEL'] as const)(
      '%s leaves nothing that DEL or GC does not remove when it is killed, interrupted or not heard at any command',
      { timeout: 600_000 },
      (verb) => shareOut(benches, planKills(conf, verb, commandSteps(points[verb])), strike),
    );
  }

  test(
    'ADD and DEL end in time when any one command hangs or flatnet is stopped',
    { timeout: 600_000 },
    async () => {
      expect(await slow).toEqual([]);
    },
  );
});
