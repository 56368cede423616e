import { chmod, mkdir, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { bundle } from './bundle.ts';
import { PRODUCTS } from './products.ts';
import { DIST, ROOT } from './project.ts';

/** The whole of flatnet as one script, for the Node of the machine; it calls programs where that Node has no `node:ffi`. */
export const SCRIPT = join(DIST, 'plain/flatnet.cjs');

/** The oldest Node that it runs on, as `engines` of package.json has it. */
export const OLDEST_NODE = 'node22';

/** Makes the script, which a system can start: it is a CNI plugin once it is called `flatnet`. */
export async function buildScript(): Promise<void> {
  await mkdir(dirname(SCRIPT), { recursive: true });
  const { entry } = PRODUCTS.flatnet;
  await bundle({ entry, script: SCRIPT, oldest: OLDEST_NODE, banner: '#!/usr/bin/env node' });
  await chmod(SCRIPT, 0o755);
}

if (process.argv[1] === import.meta.filename) {
  await buildScript();
  console.log(`script ${((await stat(SCRIPT)).size / 1024).toFixed(1)} kB  ${relative(ROOT, SCRIPT)}`);
}
