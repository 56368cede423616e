import { execa } from 'execa';
import { globSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { lock } from 'proper-lockfile';

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');

/** The built executable; `ensureExecutable()` makes sure that it is there. */
export const EXECUTABLE = join(DIST, 'flatnet');

/** The one for the other architecture, where somebody built it: its Node has to be fetched, which no test does. */
export const EXECUTABLE_ARM64 = join(DIST, 'flatnet-arm64');

/** The script inside it, which plain Node can run too. */
export const BUNDLE = join(DIST, 'flatnet.cjs');

function modified(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** A test must not pass or fail by the grace of what was built before the last edit. */
function isStale(executable: string): boolean {
  const sources = globSync('{src,build}/**/*.ts', { cwd: ROOT });
  const built = modified(executable);
  return [...sources, 'package.json', 'package-lock.json'].some((file) => modified(join(ROOT, file)) > built);
}

/** Builds an executable where it is missing or older than its sources; test files that run at once build it once. */
async function ensure(executable: string, script: string): Promise<void> {
  mkdirSync(DIST, { recursive: true });
  const release = await lock(DIST, { retries: { retries: 600, minTimeout: 200, maxTimeout: 200 } });
  try {
    if (isStale(executable)) {
      await execa('npm', ['run', script], { cwd: ROOT });
    }
  } finally {
    await release();
  }
}

/** Builds dist/flatnet where it is missing or out of date. */
export function ensureExecutable(): Promise<void> {
  return ensure(EXECUTABLE, 'build');
}

/** The same for dist/flatnet-arm64. */
export function ensureArm64(): Promise<void> {
  return ensure(EXECUTABLE_ARM64, 'build:arm64');
}
