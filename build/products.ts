import { join } from 'node:path';
import { DIST, ROOT } from './project.ts';

export interface Product {
  readonly output: string;
  /** The bundled script. */
  readonly script: string;
  readonly entry: string;
  /** Options that Node starts with. */
  readonly execArgv: readonly string[];
  /** Whether Node's binary is patched, for shorter calls and to ignore the caller's environment. */
  readonly isPatched: boolean;
}

/** The products, by the options of the build. */
export type ProductName = 'flatnet' | 'plain' | 'daemon';

/**
 * Node's options for one short call (figures in bench/RESULTS.md). A code cache is valid only for the V8 options it was
 * made under; none of these is such an option.
 */
const SHORT_LIVED = [
  // The machine's /etc/ssl/openssl.cnf takes half a millisecond to read and may load libraries; nothing here is
  // encrypted.
  '--openssl-config=/dev/null',
  // In MiB: a call's garbage goes with the process and is never collected.
  '--min-semi-space-size=16',
  // One V8 thread instead of four, and none to wait for SIGUSR1, which would open a debugger in a process of root.
  '--v8-pool-size=1',
  '--disable-sigusr1',
  // Nothing here is WebAssembly, and anyone able to change the executable's snapshot can change its checksum.
  '--disable-wasm-trap-handler',
  '--no-verify-snapshot-checksum',
  // With NODE_PENDING_DEPRECATION, Node could warn on stderr about APIs that flatnet uses.
  '--no-deprecation',
];

const FLATNET = {
  output: join(DIST, 'flatnet'),
  script: join(DIST, 'flatnet.cjs'),
  entry: join(ROOT, 'src/main.ts'),
  execArgv: SHORT_LIVED,
  isPatched: true,
};

/** Products for the host's architecture; for another one, it is added to the names. */
export const PRODUCTS: Readonly<Record<ProductName, Product>> = {
  flatnet: FLATNET,
  // In a separate directory: the executable must have the name of the CNI plugin.
  plain: { ...FLATNET, output: join(DIST, 'plain/flatnet'), isPatched: false },
  // It listens on a LAN: with unseeded hashes, a stranger could make names collide.
  daemon: {
    output: join(DIST, 'flatnetd'),
    script: join(DIST, 'flatnetd.cjs'),
    entry: join(ROOT, 'src/flatnetd.ts'),
    // In MiB: V8 lets the space of short-lived objects of a daemon grow to 16 and never gives it back (it had 171 MB with a hundred containers, and has 103).
    execArgv: ['--disable-sigusr1', '--max-semi-space-size=2'],
    isPatched: false,
  },
};
