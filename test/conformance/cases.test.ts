import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FAMILIES } from '../../conformance/cases/index.ts';
import type { Group } from '../../conformance/case.ts';
import { DRIVER_FAMILIES } from '../../conformance/netavark/cases/index.ts';
import { selectCases } from '../../conformance/runner.ts';
import { SABOTEURS } from './netavark/saboteurs/index.ts';

const PROTOCOLS: readonly (readonly [string, readonly Group[]])[] = [
  ['CNI', FAMILIES],
  ['netavark', DRIVER_FAMILIES],
];
const casesOf = (families: readonly Group[]) =>
  families.flatMap((family) => family.cases.map((entry) => ({ family, entry })));
const cases = casesOf(FAMILIES);

describe.each(PROTOCOLS)('the cases of %s', (_, families) => {
  const cases = casesOf(families);

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

test.each([
  ['conformance.md', FAMILIES, 'cases'],
  ['conformance-netavark.md', DRIVER_FAMILIES, 'cases'],
  ['conformance-netavark.ja.md', DRIVER_FAMILIES, '件'],
] as const)('docs/%s says how many cases there are', async (name, families, word) => {
  const page = await readFile(join(import.meta.dirname, `../../docs/${name}`), 'utf8');

  expect(page).toContain(`${casesOf(families).length} ${word}`);
});

test('every case for a driver has a saboteur that it finds out, and every saboteur a case', () => {
  const caught = new Set(Object.values(SABOTEURS).flatMap((saboteur) => saboteur.caught));
  const ids = casesOf(DRIVER_FAMILIES).map(({ entry }) => entry.id);

  expect(ids.filter((id) => !caught.has(id))).toEqual([]);
  expect([...caught].filter((id) => !ids.includes(id))).toEqual([]);
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
