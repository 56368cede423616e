import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeDriverBench } from '../../../conformance/netavark/bench.ts';
import { DRIVER_FAMILIES } from '../../../conformance/netavark/cases/index.ts';
import { loadDriver, type Driver } from '../../../conformance/netavark/driver.ts';
import { runCases, selectCases, type CaseReport } from '../../../conformance/runner.ts';
import { ensureExecutable, EXECUTABLE } from '../../executable.ts';
import { SABOTEURS } from './saboteurs/index.ts';
import { scriptOf, type Saboteur } from './saboteurs/saboteur.ts';

const CONFIG = join(import.meta.dirname, '../../../conformance/networks/flatnet-driver.json');

/** Every saboteur takes minutes: without FLATNET_SABOTEURS=all (npm run saboteurs), the first of a family stands for all. */
const SAMPLE = ['INF', 'CRE', 'SET', 'ASK', 'PRT', 'TEA', 'UND', 'ERR', 'CON'].flatMap((prefix) => {
  const own = Object.entries(SABOTEURS).find(([, { caught }]) => caught[0]?.startsWith(prefix));
  return own === undefined ? [] : [own];
});
const isWhole = process.env['FLATNET_SABOTEURS'] === 'all';
const TRIED: readonly (readonly [string, Saboteur])[] = isWhole ? Object.entries(SABOTEURS) : SAMPLE;
const IDS = isWhole ? [] : [...new Set(TRIED.flatMap(([, { caught }]) => caught))];

let directory: string;
let driver: Driver;

beforeAll(async () => {
  await ensureExecutable();
  directory = await mkdtemp(join(tmpdir(), 'driver-saboteurs-'));
  driver = await loadDriver({ plugin: EXECUTABLE, config: CONFIG });
}, 120_000);
afterAll(() => rm(directory, { recursive: true }));

const run = (binary: string, only: readonly string[]): Promise<CaseReport[]> =>
  runCases({
    subject: { ...driver, binary },
    makeBench: makeDriverBench,
    cases: selectCases(DRIVER_FAMILIES, only),
    jobs: 2,
  });

const idsOf = (reports: readonly CaseReport[], outcomes: readonly string[]): string[] =>
  reports.filter(({ outcome }) => outcomes.includes(outcome)).map((report) => report.case.id);

describe('the suite for drivers', () => {
  test.each(DRIVER_FAMILIES.map(({ prefix }) => prefix))(
    'passes flatnet in %s',
    async (prefix) => {
      const own = IDS.filter((id) => id.startsWith(prefix));
      const reports = await run(EXECUTABLE, isWhole ? [prefix] : own);

      expect(reports.map(({ case: { id }, outcome, message }) => [id, outcome, message])).toEqual(
        reports.map(({ case: { id } }) => [id, 'passed', '']),
      );
    },
    180_000,
  );

  test.each(TRIED)(
    'catches %s',
    async (name, saboteur) => {
      const file = join(directory, name);
      await writeFile(file, scriptOf(saboteur, EXECUTABLE));
      await chmod(file, 0o755);

      const { caught } = saboteur;
      expect(idsOf(await run(file, caught), ['failed'])).toEqual(
        selectCases(DRIVER_FAMILIES, caught).map(({ id }) => id),
      );
    },
    180_000,
  );
});
