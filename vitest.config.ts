import { defineConfig } from 'vitest/config';

/**
 * In continuous integration, a test gets a second try: the machine is not ours alone.
 * Who needed it is listed at the end of the run (scripts/list-failures.ts), and is to be mended.
 */
const retry = process.env['CI'] === undefined ? 0 : 1;

/**
 * Three projects, by what a test needs: `unit` runs anywhere, `root` makes network namespaces,
 * `podman` starts real containers. Root and Podman tests share the machine, so their files run one at a time.
 */
export default defineConfig({
  test: {
    globalSetup: 'test/untouched.ts',
    projects: [
      {
        test: {
          name: 'unit',
          retry,
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.root.test.ts', 'test/**/*.podman.test.ts'],
          // A bound for what hangs; vitest's own 5 s are not enough where twenty processes share a processor.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'root',
          include: ['test/**/*.root.test.ts'],
          fileParallelism: false,
          retry,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'podman',
          include: ['test/**/*.podman.test.ts'],
          fileParallelism: false,
          retry,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
