import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeBench } from '../../conformance/bench.ts';
import { FAMILIES } from '../../conformance/cases/index.ts';
import { runCases, selectCases } from '../../conformance/runner.ts';
import { loadSubject } from '../../conformance/subject.ts';

const CONFORMANCE = join(import.meta.dirname, '../../conformance');
const results = await readFile(join(CONFORMANCE, 'RESULTS.md'), 'utf8');

/** The rows of the tables of failures, but for those that depend on the moment. */
const rows = results
  .split('depend on the moment')[0]!
  .split('\n')
  .filter((line) => /^\| [A-Z]{2,3}-\d/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, id = '', severity = '', plugins = '', , command = '']) => ({
    id,
    severity,
    plugins: plugins.split(', '),
    command,
  }));

describe('conformance/RESULTS.md', () => {
  test('cites cases with their severity, and a command that runs each', () => {
    expect(rows.length).toBeGreaterThan(20);
    const cases = FAMILIES.flatMap((family) => family.cases);
    for (const { id, severity, plugins, command } of rows) {
      expect({ id, severity: cases.find((entry) => entry.id === id)?.severity }).toEqual({ id, severity });
      expect(command).toBe(`\`try ${plugins[0]!} ${id}\``);
    }
  });

  test.for(['bridge', 'ptp', 'macvlan'])('lists what %s fails at', async (name) => {
    const subject = await loadSubject({
      plugin: `/usr/lib/cni/${name}`,
      config: join(CONFORMANCE, `networks/${name}.json`),
    });
    const cases = selectCases(
      FAMILIES,
      rows.map(({ id }) => id),
    );
    const reports = await runCases({ subject, makeBench, cases, jobs: 2 });
    const failed = reports.filter(({ outcome }) => outcome === 'failed').map((report) => report.case.id);

    expect(failed).toEqual(rows.filter(({ plugins }) => plugins.includes(name)).map(({ id }) => id));
  });
});
