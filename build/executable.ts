import seaModule from '@yao-pkg/pkg/lib-es5/sea.js';
import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { type Arch, HOST_ARCH } from './base.ts';
import { ignoreVariables } from './environment.ts';
import type { Part } from './parts.ts';
import { NODE_VERSION } from './project.ts';
import { keepHashes, trustLocks } from './start-up.ts';

/** What an executable is made from, and where it goes. */
export interface ExecutableParts {
  readonly script: string;
  readonly parts: readonly Part[];
  readonly base: string;
  readonly arch: Arch;
  readonly output: string;
  /** False: Node starts as it does by itself, without the options and changes that make flatnet's start short. */
  readonly isFast: boolean;
}

/**
 * How Node starts (figures in bench/RESULTS.md). A code cache is valid for the V8 options that it was made under; none of
 * these belongs to them.
 */
const NODE_OPTIONS = [
  // The machine's /etc/ssl/openssl.cnf takes half a millisecond to read and may load libraries; nothing here is encrypted.
  '--openssl-config=/dev/null',
  // MiB of room for what a call allocates: its garbage goes with the process and is never collected.
  '--min-semi-space-size=16',
  // Threads: one instead of four for V8, none to wait for SIGUSR1, which would open a debugger in a process of root's.
  '--v8-pool-size=1',
  '--disable-sigusr1',
  // Nothing here is WebAssembly, and whoever can change the snapshot of the executable can change its checksum.
  '--disable-wasm-trap-handler',
  '--no-verify-snapshot-checksum',
];

/** Node's single-executable configuration; pkg passes on keys that its own types do not list. */
function seaConfig({ arch, parts, isFast }: ExecutableParts) {
  const assets = parts.flatMap(({ name, script, cache }) => [
    [`${name}.js`, script],
    [`${name}.cache`, cache],
  ]);
  return {
    disableExperimentalSEAWarning: true,
    useSnapshot: false,
    // The cache holds what V8 of the building machine compiled; another architecture would reject it.
    useCodeCache: arch === HOST_ARCH,
    // The plugin runs as root with its caller's environment: NODE_OPTIONS must not reach it.
    execArgvExtension: 'none',
    execArgv: isFast ? NODE_OPTIONS : [],
    assets: Object.fromEntries(assets),
  };
}

async function prepareBase({ base, isFast }: ExecutableParts, file: string): Promise<void> {
  const binary = await readFile(base);
  ignoreVariables(binary);
  if (isFast) {
    keepHashes(binary);
    trustLocks(binary);
  }
  await writeFile(file, binary, { mode: 0o755 });
}

/**
 * Puts the script into a copy of the Node base binary, through pkg's single-executable mode and without any download.
 * The output appears whole: a running executable cannot be written to, but it can be replaced.
 */
export async function makeExecutable(executable: ExecutableParts): Promise<void> {
  const { script, arch, output } = executable;
  const prepared = `${output}.base-${process.pid}`;
  const unfinished = `${output}.unfinished-${process.pid}`;
  try {
    await prepareBase(executable, prepared);
    await seaModule.default(script, {
      // nodePath is the binary to copy; useLocalNode says its version is the running one, so pkg need not run it.
      nodePath: prepared,
      useLocalNode: true,
      seaConfig: seaConfig(executable),
      targets: [{ platform: 'linux', arch, nodeRange: `node${NODE_VERSION}`, output: unfinished }],
    });
    await chmod(unfinished, 0o755);
    await rename(unfinished, output);
  } finally {
    await rm(prepared, { force: true });
    await rm(unfinished, { force: true });
  }
}
