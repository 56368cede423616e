import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FAMILIES } from '../../conformance/cases/index.ts';
import { selectCases } from '../../conformance/runner.ts';

const cases = FAMILIES.flatMap((family) => family.cases.map((entry) => ({ family, entry })));

describe('the cases', () => {
  test('have ids of their family, each once', () => {
    const ids = cases.map(({ entry }) => entry.id);

    expect(ids.length).toBeGreaterThanOrEqual(80);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { family, entry } of cases) expect(entry.id).toMatch(new RegExp(`^${family.prefix}-[\\d.]+$`));
  });

  test('have titles that say what a plugin does, each once, without a full stop', () => {
    const titles = cases.map(({ entry }) => entry.title);

    expect(new Set(titles).size).toBe(titles.length);
    for (const title of titles) expect(title).toMatch(/[^.]$/);
  });
});

test('docs/conformance.md says how many cases there are', async () => {
  const page = await readFile(join(import.meta.dirname, '../../docs/conformance.md'), 'utf8');

  expect(page).toContain(`${cases.length} cases`);
});

describe('selectCases()', () => {
  test('selects all, a family, and single cases in the order of the report', () => {
    expect(selectCases(FAMILIES, [])).toHaveLength(cases.length);
    expect(selectCases(FAMILIES, ['GC']).every(({ id }) => id.startsWith('GC-'))).toBe(true);
    expect(selectCases(FAMILIES, ['DEL-11', 'ADD-03', 'RES-0.4.0']).map(({ id }) => id)).toEqual([
      'RES-0.4.0',
      'ADD-03',
      'DEL-11',
    ]);
  });

  test('selects the cases whose ids begin alike', () => {
    const ids = selectCases(FAMILIES, ['DEL-3']).map(({ id }) => id);

    expect(ids).toEqual(['DEL-31', 'DEL-32', 'DEL-33', 'DEL-34', 'DEL-35', 'DEL-36']);
  });

  test('refuses what no case is called', () => {
    expect(() => selectCases(FAMILIES, ['ADD', 'ADD-99'])).toThrow('Cannot select "ADD-99"');
    expect(() => selectCases(FAMILIES, ['AD'])).toThrow('Cannot select "AD"');
  });
});
