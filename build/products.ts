import { join } from 'node:path';
import { DIST, ROOT } from './project.ts';

/** An executable that the build makes. */
export interface Product {
  readonly output: string;
  /** The script that it runs, as one file. */
  readonly script: string;
  readonly entry: string;
  /** Options that Node starts with. */
  readonly execArgv: readonly string[];
  /** Whether Node's binary is changed where that makes a call shorter or keeps the caller's environment out. */
  readonly isPatched: boolean;
}

/** The names of the products, as the build's options call them. */
export type ProductName = 'flatnet' | 'plain' | 'daemon';

/**
 * How Node starts for one call (figures in bench/RESULTS.md). A code cache is valid for the V8 options that it was made
 * under; none of these belongs to them.
 */
const SHORT_LIVED = [
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
  // NODE_PENDING_DEPRECATION would let Node warn on stderr of what flatnet uses.
  '--no-deprecation',
];

const FLATNET = {
  output: join(DIST, 'flatnet'),
  script: join(DIST, 'flatnet.cjs'),
  entry: join(ROOT, 'src/main.ts'),
  execArgv: SHORT_LIVED,
  isPatched: true,
};

/** The executables of the architecture that the build runs on; those of another one have it in their names. */
export const PRODUCTS: Readonly<Record<ProductName, Product>> = {
  flatnet: FLATNET,
  // A directory of its own: the executable's name is that of the CNI plugin.
  plain: { ...FLATNET, output: join(DIST, 'plain/flatnet'), isPatched: false },
  // It listens on a LAN: names hashed without a secret would let a stranger make them collide.
  daemon: {
    output: join(DIST, 'flatnetd'),
    script: join(DIST, 'flatnetd.cjs'),
    entry: join(ROOT, 'src/flatnetd.ts'),
    execArgv: ['--disable-sigusr1'],
    isPatched: false,
  },
};
