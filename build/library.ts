import { build } from 'esbuild';
import { execa } from 'execa';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { lockPlugin } from './bundle.ts';
import { DIST, ROOT } from './project.ts';

/** Directory of the published library; the `exports` of package.json point here. */
export const LIBRARY = join(DIST, 'ipam');

/** proper-lockfile and its dependencies are CommonJS and load Node's modules with `require`. */
const REQUIRE =
  "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);";

/**
 * Bundles flatnet/ipam and flatnet/ipam/reducers as ES modules with a shared chunk, and writes their types. Only Node's
 * modules remain as imports.
 */
export async function buildLibrary(): Promise<void> {
  await rm(LIBRARY, { recursive: true, force: true });
  await build({
    absWorkingDir: ROOT,
    entryPoints: [join(ROOT, 'src/ipam/index.ts'), join(ROOT, 'src/ipam/reducers.ts')],
    outdir: LIBRARY,
    bundle: true,
    splitting: true,
    chunkNames: 'shared',
    platform: 'node',
    format: 'esm',
    target: 'node22',
    banner: { js: REQUIRE },
    logLevel: 'warning',
    plugins: [lockPlugin],
  });
  await execa(join(ROOT, 'node_modules/.bin/tsc'), ['--project', join(ROOT, 'build/library.tsconfig.json')]);
}

if (process.argv[1] === import.meta.filename) {
  await buildLibrary();
}
