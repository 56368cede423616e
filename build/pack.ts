import { copyFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleConformance } from './conformance.ts';
import { buildLibrary } from './library.ts';
import { DIST, ROOT } from './project.ts';

/*
 * Run by npm before and after `npm pack` and `npm publish`: builds the library and the conformance suite. The Node
 * binaries for the executable are optional dependencies, the only kind that may be of another architecture; users of
 * the package do not need them, so package.json omits them while npm reads it.
 */
const MANIFEST_FILE = join(ROOT, 'package.json');
const KEPT = join(DIST, 'package.json.kept');

async function before(): Promise<void> {
  await mkdir(DIST, { recursive: true });
  await Promise.all([buildLibrary(), bundleConformance(join(DIST, 'flatnet-conformance.js'))]);
  const { optionalDependencies: _, ...published } = JSON.parse(await readFile(MANIFEST_FILE, 'utf8'));
  await copyFile(MANIFEST_FILE, KEPT);
  await writeFile(MANIFEST_FILE, `${JSON.stringify(published, null, 2)}\n`);
}

const [, , when] = process.argv;
if (when === 'before') await before();
else await rename(KEPT, MANIFEST_FILE);
