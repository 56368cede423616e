import { execa } from 'execa';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeDriverBench } from '../../../conformance/netavark/bench.ts';
import { DRIVER_FAMILIES } from '../../../conformance/netavark/cases/index.ts';
import { loadDriver } from '../../../conformance/netavark/driver.ts';
import { runCases, selectCases } from '../../../conformance/runner.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** Without FLATNET_SABOTEURS=all (npm run saboteurs), what the table names stands for every case. */
const isWhole = process.env['FLATNET_SABOTEURS'] === 'all';

let directory: string;

/** The drivers of examples/, each with a script before it: netavark runs a file. */
const DRIVERS = ['host-device', 'error', 'stderr'] as const;
const pathOf = (name: (typeof DRIVERS)[number]): string => join(directory, `${name}-plugin`);
const configOf = (name: string): string | undefined =>
  name === 'host-device' ? join(ROOT, 'conformance/networks/host-device.json') : undefined;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'driver-examples-'));
  for (const name of DRIVERS) {
    const source = join(import.meta.dirname, `examples/${name}.ts`);
    await writeFile(pathOf(name), `#!/bin/sh\nexec '${process.execPath}' '${source}' "$@"\n`);
    await chmod(pathOf(name), 0o755);
  }
});
afterAll(() => rm(directory, { recursive: true }));

/** Rows of the table in RESULTS.md that is about drivers: case, severity, drivers. */
async function tableOf(): Promise<{ id: string; severity: string; drivers: string[] }[]> {
  const results = await readFile(join(ROOT, 'conformance/RESULTS.md'), 'utf8');
  return results
    .split('## Drivers of netavark')[1]!
    .split('\n')
    .filter((line) => /^\| [A-Z]{3}-\d/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map(([, id = '', severity = '', drivers = '']) => ({ id, severity, drivers: drivers.split(', ') }));
}

describe('conformance/RESULTS.md', () => {
  test('cites cases for drivers with their severity', async () => {
    const cases = DRIVER_FAMILIES.flatMap((family) => family.cases);
    const rows = await tableOf();

    expect(rows.length).toBeGreaterThan(5);
    for (const { id, severity } of rows)
      expect({ id, severity: cases.find((entry) => entry.id === id)?.severity }).toEqual({ id, severity });
  });

  test.for(DRIVERS)('lists what %s-plugin fails at', { timeout: 180_000 }, async (name) => {
    const rows = await tableOf();
    const subject = await loadDriver({ plugin: pathOf(name), config: configOf(name) });
    // What fails at every plain call has nothing to show but its errors.
    const all = name === 'error' ? ['INF', 'ERR-0', 'ERR-14'] : [];
    const sample = name === 'error' ? ['INF', 'ERR-02'] : ['INF', 'ERR-02', ...rows.map(({ id }) => id)];
    const cases = selectCases(DRIVER_FAMILIES, isWhole ? all : sample);
    const reports = await runCases({ subject, makeBench: makeDriverBench, cases, jobs: 2 });
    const failed = reports
      .filter(({ outcome }) => outcome === 'failed' || outcome === 'broken')
      .map((report) => report.case.id)
      // What depends on the moment at which a call was killed is told apart.
      .filter((id) => !id.startsWith('CON-2'));

    expect(failed).toEqual(rows.filter(({ drivers }) => drivers.includes(name)).map(({ id }) => id));
  });
});

describe('conformance/run.ts --protocol netavark', () => {
  const run = (...argv: string[]) =>
    execa(process.execPath, ['conformance/run.ts', '--protocol', 'netavark', ...argv], {
      cwd: ROOT,
      reject: false,
      env: { FORCE_COLOR: '0' },
    });

  test('says before the first case what the driver claims and shows, and skips what it does not', async () => {
    const json = join(directory, 'report.json');
    const config = configOf('host-device')!;
    const only = ['--only', 'INF-01,SET-23,ASK-11', '--json', json];
    const { exitCode, stdout } = await run('--plugin', pathOf('host-device'), '--config', config, ...only);

    expect(exitCode).toBe(0);
    expect(stdout).toContain(
      'info claims API 1.0.0; declared: exclusive; a plain container has an interface, an address, no gateway',
    );
    expect(stdout).toContain('skipped: the configuration does not declare the capability "static_mac"');
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('1 passed, 0 failed, 2 skipped');
    expect(JSON.parse(await readFile(json, 'utf8'))).toMatchObject({
      plugin: { protocol: 'netavark', type: 'host-device-plugin', claimedVersions: ['1.0.0'] },
      command: `flatnet-conformance --protocol netavark --plugin ${pathOf('host-device')} --config ${config}`,
    });
  });

  test('ends with exit code 2 and the reason when every case would fail', async () => {
    const { exitCode, stderr } = await run('--plugin', pathOf('error'));

    expect(exitCode).toBe(2);
    expect(stderr).toContain('a plain network or container fails, so every case would: create ended');
    expect(stderr).toContain('create error');
  });

  test.each([
    ['[]', 'it holds [], not a network'],
    ['{', 'Cannot read the configuration'],
    ['{"plugins":[]}', 'a network of netavark has no "plugins"'],
    ['{"capabilities":7}', '"capabilities" is no object'],
  ])('ends with exit code 2 and a reason when the configuration is %s', async (text, reason) => {
    const config = join(directory, 'odd.json');
    await writeFile(config, text);
    const { exitCode, stderr } = await run('--plugin', pathOf('stderr'), '--config', config);

    expect(exitCode).toBe(2);
    expect(stderr).toContain(reason);
  });
});
