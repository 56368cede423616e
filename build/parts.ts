import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';
import { ROOT } from './project.ts';

/*
 * The executable starts with what every call needs, which is next to nothing. The rest are parts, loaded on import,
 * each with a code cache of all its functions: Node's cache for single executables has only those that run while the
 * script loads, and V8 compiled the others in every call. Measured on an ADD: 45 ms of processor time instead of 53
 * (medians of 25, alternating).
 *
 * A verb that every container causes is a part with nothing of the others in it: V8 reads in a whole cache, and 1 MB takes
 * it 6 ms. DEL takes 0.90 of the time that it took with one part for all verbs (medians of 40, alternating).
 */

/** A part of the program: a script and its code cache. */
export interface Part {
  /** File name of the script in the executable; the cache has the same with `.cache`. */
  readonly name: string;
  readonly script: string;
  readonly cache: string;
  readonly metafile: Metafile;
}

/**
 * What a person waits for, and the verbs that no container causes, without compiled functions: of the command line those are 1.5 MB
 * of the file and save 5 ms of 70 of a command's processor time.
 */
const OUTLINED = ['src/cni/seldom.ts', 'src/netavark/create.ts', 'src/cli/cli.ts'];
/** Modules whose dynamic import loads a part. */
const ENTRIES = [
  ...['add', 'del'].map((name) => `src/cni/${name}.ts`),
  ...['setup', 'teardown'].map((name) => `src/netavark/${name}.ts`),
  ...OUTLINED,
];
const LOADER = join(ROOT, 'build/load-part.cjs');

function nameOf(entry: string): string {
  return basename(entry, '.ts');
}

/** Turns dynamic imports of the entries into calls of the loader. */
export const partsPlugin: Plugin = {
  name: 'parts',
  setup(pluginBuild) {
    pluginBuild.onResolve({ filter: /\.ts$/ }, async ({ path, kind, resolveDir, pluginData }) => {
      if (kind !== 'dynamic-import' || pluginData === 'seen') return undefined;
      const resolved = await pluginBuild.resolve(path, { kind, resolveDir, pluginData: 'seen' });
      const entry = ENTRIES.find((candidate) => resolved.path === join(ROOT, candidate));
      return entry === undefined ? undefined : { path: nameOf(entry), namespace: 'part' };
    });
    pluginBuild.onLoad({ filter: /.*/, namespace: 'part' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(LOADER)})(${JSON.stringify(path)});`,
      resolveDir: ROOT,
      loader: 'js',
    }));
  },
};

/**
 * Compiles every function of a script. The flag is reset before the cache is made: V8 rejects a cache made under other
 * flags.
 */
function compileAll(source: string): Buffer {
  setFlagsFromString('--no-lazy');
  const script = new Script(source, { filename: 'part.js' });
  setFlagsFromString('--lazy');
  return script.createCachedData();
}

/** Compiles what runs when the script loads. */
function compileOutline(source: string): Buffer {
  return new Script(source, { filename: 'part.js' }).createCachedData();
}

async function buildPart(
  entry: string,
  options: BuildOptions,
  { directory, withCache }: Target,
): Promise<Part> {
  const name = nameOf(entry);
  const [script, cache] = [join(directory, `${name}.js`), join(directory, `${name}.cache`)];
  const { metafile } = await build({
    ...options,
    metafile: true,
    entryPoints: [join(ROOT, entry)],
    outfile: script,
  });
  // The loader reads Latin-1, of which esbuild's ASCII output is a subset.
  const source = `(function (require, module) {${await readFile(script, 'latin1')}\n})`;
  await writeFile(script, source, 'latin1');
  const compile = OUTLINED.includes(entry) ? compileOutline : compileAll;
  await writeFile(cache, withCache ? compile(source) : '');
  return { name, script, cache, metafile };
}

export interface Target {
  readonly directory: string;
  /** False for another architecture, whose V8 would reject the cache. */
  readonly withCache: boolean;
}

export async function buildParts(options: BuildOptions, target: Target): Promise<readonly Part[]> {
  await rm(target.directory, { recursive: true, force: true });
  await mkdir(target.directory, { recursive: true });
  const parts: Part[] = [];
  for (const entry of ENTRIES) parts.push(await buildPart(entry, options, target));
  return parts;
}
