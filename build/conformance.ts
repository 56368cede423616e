import { build } from 'esbuild';
import { chmod, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { DIST, ROOT } from './project.ts';

/** Bundles the conformance suite into one script, which `npx flatnet-conformance` runs without dependencies. */
export async function bundleConformance(outfile: string): Promise<void> {
  await build({
    absWorkingDir: ROOT,
    entryPoints: [join(ROOT, 'conformance/run.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
    // execa's dependencies are CommonJS and require Node's modules.
    banner: {
      js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
    },
  });
  await chmod(outfile, 0o755);
}

if (import.meta.main) {
  const output = join(DIST, 'flatnet-conformance.js');
  const start = performance.now();
  await bundleConformance(output);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const kilobytes = ((await stat(output)).size / 1024).toFixed(1);
  console.log(
    `${'suite'.padEnd(10)} ${seconds.padStart(5)} s ${kilobytes.padStart(9)} kB  ${relative(ROOT, output)}`,
  );
}
