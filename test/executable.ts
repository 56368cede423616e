import { execa } from 'execa';
import { globSync, mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { lock } from 'proper-lockfile';
import { PRODUCTS } from '../build/products.ts';
import { DIST, ROOT } from '../build/project.ts';

/**
 * The executable under test, which `ensureExecutable()` builds: dist/flatnet, or the file that FLATNET_EXECUTABLE names
 * (dist/plain/flatnet is the one on an untouched Node). Its name has to be `flatnet`, for runtimes find it by that.
 */
export const EXECUTABLE = resolve(process.env['FLATNET_EXECUTABLE'] ?? PRODUCTS.flatnet.output);

/** Whether that is the one on an untouched Node. */
export const IS_PLAIN = EXECUTABLE === PRODUCTS.plain.output;

/** The one for the other architecture, where somebody built it: its Node has to be fetched, which no test does. */
export const EXECUTABLE_ARM64 = join(DIST, 'flatnet-arm64');

/** The script inside it, which plain Node can run too. */
export const BUNDLE = PRODUCTS.flatnet.script;

/** The scripts of package.json that build an executable. */
const SCRIPTS: Readonly<Record<string, string>> = {
  [PRODUCTS.flatnet.output]: 'build',
  [PRODUCTS.plain.output]: 'build:plain',
  [PRODUCTS.daemon.output]: 'build:daemon',
  [EXECUTABLE_ARM64]: 'build:arm64',
};

function modified(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** A test must not pass or fail by the grace of what was built before the last edit. */
function isStale(executable: string): boolean {
  const sources = globSync(['{src,build}/**/*.{ts,json}', '{web,lua}/**/*.{css,js,lua,svg}'], { cwd: ROOT });
  const built = modified(executable);
  return [...sources, 'package.json', 'package-lock.json'].some((file) => modified(join(ROOT, file)) > built);
}

/** Builds an executable where it is missing or older than its sources; test files that run at once build it once. */
export async function ensureBuilt(executable: string): Promise<void> {
  const script = SCRIPTS[executable];
  if (script === undefined) {
    if (modified(executable) > 0) return;
    throw new Error(`Cannot find "${executable}", and no script of package.json builds it`);
  }
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

/** Builds the executable under test where it is missing or out of date. */
export function ensureExecutable(): Promise<void> {
  return ensureBuilt(EXECUTABLE);
}
