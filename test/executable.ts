import { execa } from 'execa';
import { globSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { lock } from 'proper-lockfile';

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');

/** The built executable; `ensureExecutable()` makes sure that it is there. */
export const EXECUTABLE = join(DIST, 'flatnet');

/** The script inside it, which plain Node can run too. */
export const BUNDLE = join(DIST, 'flatnet.cjs');

function modified(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** A test must not pass or fail by the grace of what was built before the last edit. */
function isStale(): boolean {
  const sources = globSync('{src,build}/**/*.ts', { cwd: ROOT });
  const built = modified(EXECUTABLE);
  return [...sources, 'package.json', 'package-lock.json'].some((file) => modified(join(ROOT, file)) > built);
}

/** Builds dist/flatnet where it is missing or older than its sources; test files that run at once build it once. */
export async function ensureExecutable(): Promise<void> {
  mkdirSync(DIST, { recursive: true });
  const release = await lock(DIST, { retries: { retries: 600, minTimeout: 200, maxTimeout: 200 } });
  try {
    if (isStale()) {
      await execa('npm', ['run', 'build'], { cwd: ROOT });
    }
  } finally {
    await release();
  }
}
