import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeBench } from '../../conformance/bench.ts';
import { FAMILIES } from '../../conformance/cases/index.ts';
import { runCases, selectCases, type CaseReport } from '../../conformance/runner.ts';
import { loadSubject } from '../../conformance/subject.ts';
import { ensureExecutable, EXECUTABLE } from '../executable.ts';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

interface Sabotage {
  /** The cases that find it out. */
  readonly caught: readonly string[];
  /** Cases near by that it does not break. */
  readonly unharmed: readonly string[];
  readonly ipamPath?: string;
  /** The file of conformance/networks to test in, for a wrapper of a reference plugin. */
  readonly network?: Network;
}

type Network = 'bridge.json' | 'portmap.conflist' | 'flatnet.conflist';
type Where = Pick<Sabotage, 'ipamPath' | 'network'>;

const BRIDGE = { network: 'bridge.json', ipamPath: '/usr/lib/cni' } as const;
const FLATNET = { network: 'flatnet.conflist', ipamPath: '/usr/lib/cni' } as const;
const PORTMAP = { network: 'portmap.conflist', ipamPath: '/usr/lib/cni' } as const;

/** What every wrapper in saboteurs/ breaks; each wraps the built plugin, or the one that its network is for. */
const SABOTEURS: Readonly<Record<string, Sabotage>> = {
  'fixed-version': { caught: ['VER-03'], unharmed: ['VER-01', 'VER-02', 'VER-06'] },
  'any-version': {
    caught: ['VER-11', 'VER-12', 'VER-13', 'VER-14', 'VER-15'],
    unharmed: ['VER-01', 'VER-19'],
  },
  'invented-container': {
    caught: ['ENV-01', 'ENV-04', 'ENV-05', 'ENV-08'],
    unharmed: ['ENV-02', 'ENV-03', 'ENV-21'],
  },
  'invented-name': { caught: ['CFG-11'], unharmed: ['CFG-01', 'CFG-12', 'CFG-22'] },
  'talks-after-result': { caught: ['OUT-01'], unharmed: ['OUT-02', 'RES-1.0.0', 'ADD-01'] },
  'fails-with-zero': { caught: ['OUT-11', 'ADD-11'], unharmed: ['OUT-01', 'ADD-01'] },
  'wrong-result-version': { caught: ['RES-0.4.0', 'RES-1.1.0'], unharmed: ['RES-1.0.0', 'RES-02'] },
  'result-without-mac': { caught: ['RES-02'], unharmed: ['RES-1.0.0', 'RES-11', 'OUT-01'] },
  'duplicate-address': { caught: ['ADD-03', 'ADD-04'], unharmed: ['ADD-01', 'RES-11'] },
  'takes-any-interface': { caught: ['ADD-11', 'ADD-12'], unharmed: ['ADD-01', 'ADD-05', 'ADD-06'] },
  'forgets-prev-result': { caught: ['PRV-02', 'PRV-03'], unharmed: ['PRV-01', 'PRV-04', 'PRV-05'] },
  'second-del-fails': { caught: ['DEL-11', 'DEL-12', 'DEL-13'], unharmed: ['DEL-01', 'DEL-02', 'DEL-36'] },
  'leaks-veth': { caught: ['RES-04', 'DEL-02', 'DEL-31'], unharmed: ['DEL-01', 'DEL-03', 'DEL-11'] },
  'needs-netns': { caught: ['IPM-06'], unharmed: ['DEL-13', 'DEL-21', 'IPM-01'], ipamPath: '/usr/lib/cni' },
  'check-always-succeeds': {
    caught: ['CHK-11', 'CHK-12', 'CHK-14', 'CHK-18', 'CHK-21', 'CHK-31'],
    unharmed: ['CHK-01', 'CHK-02', 'CHK-05', 'CHK-41'],
  },
  'check-changes': { caught: ['CHK-02'], unharmed: ['CHK-01', 'CHK-11'] },
  'gc-takes-all': { caught: ['GC-01', 'GC-11'], unharmed: ['GC-12', 'GC-13', 'GC-15'] },
  'gc-does-nothing': {
    caught: ['GC-21', 'IPM-05', 'IPM-33'],
    unharmed: ['GC-01', 'GC-02', 'GC-15'],
    ipamPath: '/usr/lib/cni',
  },
  'status-always-ready': { caught: ['STA-03', 'STA-05', 'STA-07'], unharmed: ['STA-01', 'STA-02', 'STA-04'] },
  'one-at-a-time': { caught: ['PAR-01'], unharmed: ['ADD-04', 'DEL-11'] },
  scaffolding: { caught: ['KIL-02'], unharmed: ['ADD-05', 'DEL-02', 'KIL-01'] },
  'keeps-arguments': {
    caught: ['IPM-02', 'CAP-01'],
    unharmed: ['IPM-01', 'IPM-03', 'CAP-03'],
    ipamPath: '/usr/lib/cni',
  },
  'leaks-rule': { caught: ['DEL-02', 'DEL-31'], unharmed: ['DEL-01', 'DEL-11'] },
  'ghost-interface': { caught: ['RES-03'], unharmed: ['RES-01', 'RES-02', 'RES-1.0.0', 'RES-11'] },
  'silent-route': { caught: ['RES-15'], unharmed: ['RES-14', 'DEL-02'] },
  'trims-prev-result': { caught: ['PRV-02', 'PRV-03', 'PRV-07'], unharmed: ['PRV-01', 'RES-02'] },
  'forgets-old-prev-result': { caught: ['PRV-02', 'PRV-03', 'PRV-07'], unharmed: ['PRV-01', 'PRV-04'] },
  'far-gateway': { caught: ['RES-17'], unharmed: ['RES-13', 'RES-11'] },
  'lazy-check': { caught: ['ENV-12', 'ENV-13', 'CHK-34'], unharmed: ['ENV-07', 'CHK-01', 'CHK-31'] },
  'checks-newest-only': { caught: ['CHK-04', 'CHK-05'], unharmed: ['CHK-01', 'CHK-31'] },
  'careless-del': { caught: ['ENV-27', 'CFG-04'], unharmed: ['ENV-21', 'CFG-02', 'DEL-11'] },
  'heeds-both-arguments': { caught: ['CAP-07'], unharmed: ['CAP-01', 'CAP-02', 'CAP-03'] },
  'hushes-ipam': { caught: ['IPM-04'], unharmed: ['IPM-01', 'IPM-11'], ipamPath: '/usr/lib/cni' },
  'publishes-everywhere': {
    caught: ['CAP-23', 'CAP-29'],
    unharmed: ['CAP-21', 'NET-11', 'NET-13'],
    ...FLATNET,
  },
  'wants-full-texts': { caught: ['CFG-30'], unharmed: ['CFG-22', 'CFG-24', 'ADD-01'], ...BRIDGE },
  'hides-address': { caught: ['RES-18'], unharmed: ['RES-0.2.0', 'RES-1.0.0', 'ADD-04'], ...BRIDGE },
  'needs-ipv6': { caught: ['ADD-07'], unharmed: ['ADD-01', 'ADD-05'], ...BRIDGE },
  'routes-once': { caught: ['NET-01'], unharmed: ['NET-02', 'ADD-03', 'ADD-05'], ...BRIDGE },
  'flushes-routes': { caught: ['NET-02'], unharmed: ['NET-01', 'DEL-01', 'ADD-05'], ...BRIDGE },
  'one-network-a-port': { caught: ['NET-11'], unharmed: ['CAP-21', 'CAP-30'], ...PORTMAP },
  'takes-all-ports': {
    caught: ['NET-12', 'NET-13', 'NET-14', 'CAP-30'],
    unharmed: ['NET-11', 'CAP-21', 'CAP-26'],
    ...PORTMAP,
  },
};

/** All take three minutes: without FLATNET_SABOTEURS=all (npm run saboteurs), the first of a family stands for all. */
const isWhole = process.env['FLATNET_SABOTEURS'] === 'all';
const TRIED = isWhole
  ? Object.entries(SABOTEURS)
  : FAMILIES.flatMap(({ prefix }) => {
      const own = Object.entries(SABOTEURS).find(([, { caught }]) => caught[0]?.startsWith(`${prefix}-`));
      return own === undefined ? [] : [own];
    });

interface Sound extends Where {
  /** What is tried on it. */
  readonly only: readonly string[];
}

/** Plugins in sound/ that do something else than the wrapped one, and are right. */
const SOUND: Readonly<Record<string, Sound>> = {
  'lists-host-address': {
    only: ['RES', 'ADD-03', 'ADD-04', 'ADD-13', 'DEL-44', 'CHK-01', 'CHK-26', 'PAR-01'],
  },
  'route-in-table': { only: ['RES', 'CHK-01', 'PRV-03'] },
  'wants-prefix': { only: ['CAP-0'] },
  'errors-on-stderr': {
    only: ['VER', 'ENV', 'CFG', 'OUT-11', 'OUT-16', 'ADD-1', 'GC-21', 'STA'],
  },
  'guards-loopback': { only: ['CAP-21', 'CAP-23', 'CAP-26', 'CAP-28', 'CAP-29', 'NET-1'], ...PORTMAP },
  'checks-routes': { only: ['CHK-01', 'CHK-05', 'CHK-11', 'CHK-18'], ...BRIDGE },
  'tries-writing': { only: ['STA-01', 'STA-03', 'STA-07'] },
};

async function run(plugin: string, only: readonly string[], on: Where = {}): Promise<CaseReport[]> {
  const { ipamPath, network } = on;
  const config = network === undefined ? path('network.json') : await networkFor(plugin, network);
  const subject = await loadSubject({ plugin, config, ipamPath });
  return runCases({ subject, makeBench, cases: selectCases(FAMILIES, only), jobs: 2 });
}

/** The network of a reference plugin, with the one that wraps it in its place: a list names it by its type. */
async function networkFor(plugin: string, network: Network): Promise<string> {
  const type = JSON.stringify(network.replace(/\..*/, ''));
  const text = await readFile(path(`../../conformance/networks/${network}`), 'utf8');
  const file = join(directory, `${basename(plugin)}-${network}`);
  await writeFile(file, text.replace(`"type": ${type}`, `"type": ${JSON.stringify(basename(plugin))}`));
  return file;
}

const idsOf = (reports: readonly CaseReport[], outcomes: readonly string[]): string[] =>
  reports.filter(({ outcome }) => outcomes.includes(outcome)).map((report) => report.case.id);

/** The plugins that saboteurs wrap. */
const WRAPPED: readonly (readonly [string, Where])[] = [
  [EXECUTABLE, { ipamPath: '/usr/lib/cni' }],
  [EXECUTABLE, FLATNET],
  ['/usr/lib/cni/bridge', BRIDGE],
  ['/usr/lib/cni/portmap', PORTMAP],
];

let directory: string;

beforeAll(async () => {
  await ensureExecutable();
  directory = await mkdtemp(join(tmpdir(), 'saboteurs-'));
}, 120_000);
afterAll(() => rm(directory, { recursive: true }));

describe('the suite', () => {
  test.each(WRAPPED.filter(([, { network }]) => TRIED.some(([, one]) => one.network === network)))(
    'passes %s, which saboteurs wrap, in every case they are tried on',
    async (plugin, on) => {
      const own = TRIED.map(([, one]) => one).filter(({ network }) => network === on.network);
      const only = new Set(own.flatMap(({ caught, unharmed }) => [...caught, ...unharmed]));
      const reports = await run(plugin, [...only], on);

      expect(idsOf(reports, ['failed', 'broken', 'skipped'])).toEqual([]);
    },
  );

  test.for(TRIED)('catches %s', async ([name, { caught, unharmed, ...on }]) => {
    const reports = await run(path(`saboteurs/${name}`), [...caught, ...unharmed], on);

    expect(idsOf(reports, ['failed', 'broken', 'skipped'])).toEqual(
      selectCases(FAMILIES, caught).map(({ id }) => id),
    );
  });

  test.for(Object.entries(SOUND))('finds nothing in %s', async ([name, { only, ...on }]) => {
    const reports = await run(path(`sound/${name}`), only, on);

    expect(idsOf(reports, ['failed', 'broken'])).toEqual([]);
    expect(idsOf(reports, ['passed'])).not.toEqual([]);
  });

  test('skips what the other plugins of a chain do not speak', async () => {
    const only = ['GC-21', 'IPM-05', 'IPM-33', 'IPM-34', 'IPM-35'];
    const config = path('chain.conflist');
    const subject = await loadSubject({ plugin: EXECUTABLE, config, ipamPath: '/usr/lib/cni' });
    const reports = await runCases({ subject, makeBench, cases: selectCases(FAMILIES, only), jobs: 2 });

    expect(idsOf(reports, ['passed'])).toEqual(['IPM-05']);
    expect(idsOf(reports, ['skipped'])).toEqual(['GC-21', 'IPM-33', 'IPM-34', 'IPM-35']);
  });

  test('has a case for every saboteur, and one saboteur at least for every family', async () => {
    expect(Object.keys(SABOTEURS).sort()).toEqual((await readdir(path('saboteurs'))).sort());
    const prefixes = new Set(
      Object.values(SABOTEURS).flatMap(({ caught }) => caught.map((id) => id.split('-')[0])),
    );
    expect(FAMILIES.map(({ prefix }) => prefix).filter((prefix) => !prefixes.has(prefix))).toEqual([]);
  });
});
