import seaModule from '@yao-pkg/pkg/lib-es5/sea.js';
import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { type Arch, HOST_ARCH } from './base.ts';
import { strip } from './elf.ts';
import { ENVIRONMENT_PATCHES } from './environment.ts';
import type { Part } from './parts.ts';
import { applyPatches, type Outcome } from './patch.ts';
import { NODE_VERSION } from './project.ts';
import { START_UP_PATCHES } from './start-up.ts';

export interface ExecutableParts {
  readonly script: string;
  readonly parts: readonly Part[];
  readonly base: string;
  readonly arch: Arch;
  readonly output: string;
  /** Options that Node starts with. */
  readonly execArgv: readonly string[];
  /** False: Node's binary is used unchanged. */
  readonly isPatched: boolean;
}

/** Node's single-executable configuration; pkg passes on keys that its types do not list. */
function seaConfig({ arch, parts, execArgv }: ExecutableParts) {
  const assets = parts.flatMap(({ name, script, cache }) => [
    [`${name}.js`, script],
    [`${name}.cache`, cache],
  ]);
  return {
    disableExperimentalSEAWarning: true,
    useSnapshot: false,
    // The cache is compiled by this machine's V8; another architecture's would reject it.
    useCodeCache: arch === HOST_ARCH,
    // flatnet runs as root with its caller's environment: NODE_OPTIONS must not reach it.
    execArgvExtension: 'none',
    execArgv,
    assets: Object.fromEntries(assets),
  };
}

/** Name of stripping in the list of patches. */
const STRIP = 'leave out symbols and debugging information';

/** Strips last: patches are found by symbols. */
async function patch(base: string, file: string): Promise<readonly Outcome[]> {
  const binary = await readFile(base);
  const outcomes = applyPatches(binary, [...START_UP_PATCHES, ...ENVIRONMENT_PATCHES]);
  const stripped = strip(binary);
  await writeFile(file, stripped ?? binary, { mode: 0o755 });
  const skipped = stripped === undefined ? { skipped: 'they are not the last thing in the binary' } : {};
  return [...outcomes, { patch: STRIP, ...skipped }];
}

/**
 * Puts the script into a copy of Node's binary, through pkg's single-executable mode and without any download. The
 * output is renamed into place: a running executable can be replaced, but not written to.
 * @returns the outcome of each patch; empty for an unchanged Node.
 */
export async function makeExecutable(executable: ExecutableParts): Promise<readonly Outcome[]> {
  const { script, base, arch, output, isPatched } = executable;
  const patched = `${output}.base-${process.pid}`;
  const unfinished = `${output}.unfinished-${process.pid}`;
  try {
    const outcomes = isPatched ? await patch(base, patched) : [];
    await seaModule.default(script, {
      // nodePath is the binary to copy; useLocalNode declares its version to be the running one, so pkg need not run
      // it.
      nodePath: isPatched ? patched : base,
      useLocalNode: true,
      seaConfig: seaConfig(executable),
      targets: [{ platform: 'linux', arch, nodeRange: `node${NODE_VERSION}`, output: unfinished }],
    });
    await chmod(unfinished, 0o755);
    await rename(unfinished, output);
    return outcomes;
  } finally {
    await rm(patched, { force: true });
    await rm(unfinished, { force: true });
  }
}
