import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { buildParts, type Part, partsPlugin, type Target } from './parts.ts';
import type { Product } from './products.ts';
import { MANIFEST, ROOT } from './project.ts';

/** A bundled script and its inputs. */
export interface Bundle {
  readonly file: string;
  readonly parts: readonly Part[];
  readonly metafiles: readonly Metafile[];
}

/** Of package.json, the executable needs name and version only. */
const manifestPlugin: Plugin = {
  name: 'manifest',
  setup(pluginBuild) {
    pluginBuild.onLoad({ filter: /\/package\.json$/ }, ({ path }) =>
      relative(ROOT, path) === 'package.json'
        ? { contents: JSON.stringify({ name: MANIFEST.name, version: MANIFEST.version }), loader: 'json' }
        : undefined,
    );
  },
};

/**
 * proper-lockfile without two of its dependencies: graceful-fs patches `fs`, against too many open files, and
 * signal-exit takes over the process's signals to remove locks at exit. flatnet's locks need no removal: the next
 * process sees that the holder is dead (src/sys/lock/lock.ts).
 */
export const lockPlugin: Plugin = {
  name: 'lock',
  setup(pluginBuild) {
    pluginBuild.onResolve({ filter: /^graceful-fs$/ }, () => ({ path: 'node:fs', external: true }));
    pluginBuild.onResolve({ filter: /^signal-exit$/ }, ({ path }) => ({ path, namespace: 'lock' }));
    pluginBuild.onLoad({ filter: /.*/, namespace: 'lock' }, () => ({
      contents: 'module.exports = () => () => undefined;',
      loader: 'js',
    }));
  },
};

/** `import text from './page.css?raw'`, as vite has it: the file's text becomes part of the script. */
const rawPlugin: Plugin = {
  name: 'raw',
  setup(pluginBuild) {
    pluginBuild.onResolve({ filter: /\?raw$/ }, ({ path, resolveDir }) => ({
      path: resolve(resolveDir, path.slice(0, -'?raw'.length)),
      namespace: 'raw',
    }));
    pluginBuild.onLoad({ filter: /.*/, namespace: 'raw' }, async ({ path }) => ({
      contents: await readFile(path, 'utf8'),
      loader: 'text',
    }));
  },
};

const OPTIONS: BuildOptions = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node26',
  charset: 'ascii',
  // Whitespace and syntax only: names keep stack traces in the log readable.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [manifestPlugin, lockPlugin, rawPlugin],
};

/** What becomes one script. */
export type Source = Pick<Product, 'entry' | 'script'> & {
  /** The oldest Node that understands it; the one of the executable where absent. */
  readonly oldest?: string;
  /** Its first line. */
  readonly banner?: string;
};

/**
 * Bundles an entry into one CommonJS file, the only form that a single executable can run from a code cache, and
 * flatnet's dynamic imports into parts beside it.
 */
export async function bundle(source: Source, target?: Target): Promise<Bundle> {
  const { entry, script, oldest, banner } = source;
  const parts = target === undefined ? [] : await buildParts(OPTIONS, target);
  const { metafile } = await build({
    ...OPTIONS,
    entryPoints: [entry],
    outfile: script,
    metafile: true,
    ...(oldest === undefined ? {} : { target: oldest }),
    ...(banner === undefined ? {} : { banner: { js: banner } }),
    plugins: [...(OPTIONS.plugins ?? []), ...(target === undefined ? [] : [partsPlugin])],
  });
  return { file: script, parts, metafiles: [metafile, ...parts.map((part) => part.metafile)] };
}
