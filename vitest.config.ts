import { defineConfig } from 'vitest/config';

/**
 * Three projects, by what a test needs: `unit` runs anywhere, `root` makes network namespaces,
 * `podman` starts real containers. Root and Podman tests share the machine, so their files run one at a time.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.root.test.ts', 'test/**/*.podman.test.ts'],
        },
      },
      {
        test: {
          name: 'root',
          include: ['test/**/*.root.test.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'podman',
          include: ['test/**/*.podman.test.ts'],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
