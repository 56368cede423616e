import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const STATIC_IMPORT = /from '(\.[^']+\.ts)'/g;

/** What each source file imports when it loads, types included. */
const imports = new Map(
  globSync('src/**/*.ts', { cwd: ROOT }).map((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    return [
      file,
      [...text.matchAll(STATIC_IMPORT)].map(([, to = '']) => normalize(join(dirname(file), to))),
    ] as const;
  }),
);

/** The first cycle found on the way from a file, as a path that ends where it began. */
function cycleFrom(file: string, path: readonly string[], done: Set<string>): readonly string[] | undefined {
  if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
  if (done.has(file)) return undefined;
  for (const next of imports.get(file) ?? []) {
    const cycle = cycleFrom(next, [...path, file], done);
    if (cycle !== undefined) return cycle;
  }
  done.add(file);
  return undefined;
}

it('no source files import each other in a circle, not even types', () => {
  const done = new Set<string>();
  expect([...imports.keys()].flatMap((file) => cycleFrom(file, [], done) ?? [])).toEqual([]);
});
