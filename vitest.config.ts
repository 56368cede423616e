import { defineConfig } from 'vitest/config';
import { filesByKernel } from './test/profiles/samples.ts';

/**
 * In continuous integration, a test gets a second try: the machine is not ours alone.
 * Who needed it is listed at the end of the run (scripts/list-failures.ts), and is to be mended.
 */
const retry = process.env['CI'] === undefined ? 0 : 1;

/**
 * With FLATNET_PROFILE every throw-away host has the kernel of that name (test/profiles/profiles.ts); with FLATNET_APPLY=ip
 * everything in it calls programs instead of netlink (test/plain/way.ts).
 */
const EVERY_HOST = 'test/profiles/every-host.ts';
const { FLATNET_PROFILE: profileName, FLATNET_APPLY: apply } = process.env;
const setupFiles = profileName === undefined && apply === undefined ? [] : [EVERY_HOST];

/**
 * As `root` has it. Among the samples is one file that starts containers, so no two of those meet; the nightly run has many, and
 * takes them one at a time.
 */
const twoAtOnce = process.env['FLATNET_KERNELS'] === 'all' ? { fileParallelism: false } : { maxWorkers: 2 };

/** Tests of `root` and `podman` once more, in hosts that have another kernel: `kernel-wsl-6.6.87` and its like. */
const kernels = filesByKernel(process.env)
  .filter(({ files }) => files.length > 0)

  .map(({ profile, files, exclude }) => ({
    test: {
      name: `kernel-${profile}`,
      include: [...files],
      exclude: [...exclude],
      env: { FLATNET_PROFILE: profile },
      setupFiles: [EVERY_HOST],
      ...twoAtOnce,
      retry,
      testTimeout: 180_000,
      hookTimeout: 180_000,
    },
  }));

/** A sample of `podman5` once more, on the Podman of Debian's sid; with `all` as FLATNET_SID (the nightly run) all of it. */
const SID_SAMPLE = ['commands', 'network', 'publish', 'quadlet'].map(
  (name) => `test/podman5/${name}.podman5.test.ts`,
);
const sid = {
  test: {
    name: 'podman5-sid',
    include: process.env['FLATNET_SID'] === 'all' ? ['test/podman5/*.podman5.test.ts'] : SID_SAMPLE,
    env: { FLATNET_TEST_SUITE: 'sid' },
    fileParallelism: false,
    retry,
    testTimeout: 180_000,
    // The first run makes a Debian sid.
    hookTimeout: 900_000,
  },
};

/** A sample of `root` once more, with programs instead of netlink; `npm run test:plain:all` runs all of it so. */
const plain = {
  test: {
    name: 'plain',
    include: [
      'test/cni/{add,check,del,gc,status}.root.test.ts',
      'test/attachment/{host-name,no-addresses,trace,unmanaged}.root.test.ts',
      'test/firewall/reload.root.test.ts',
      'test/veth/{link-settings,routes}.root.test.ts',
    ],
    env: { FLATNET_APPLY: 'ip' },
    setupFiles: [EVERY_HOST],
    maxWorkers: 2,
    retry,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
};

/** Vitest takes style sheets for empty unless told otherwise; the page of the gateway has one as text. */
const css = true;

/**
 * Six projects, by what a test needs: `unit` runs anywhere and builds nothing, `long` does so for seconds, with many
 * processes, waits and random histories, `build` looks at what the build makes, `root` makes network namespaces, `podman`
 * starts real containers, and `podman5` those of a newer Podman, in a separate Debian. Podman's containers share the
 * machine's control groups, and builds are large, so those files run one at a time.
 */
export default defineConfig({
  test: {
    globalSetup: 'test/untouched.ts',
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text-summary'],
      thresholds: { lines: 40 },
    },
    projects: [
      {
        test: {
          name: 'unit',
          css,
          // No unit test mocks a module, so files may share those that were loaded: a third of the time.
          isolate: false,
          retry,
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.{build,long,root,podman,podman5}.test.ts'],
          // A bound for what hangs; vitest's own 5 s are not enough where twenty processes share a processor.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'long',
          css,
          retry,
          include: ['test/**/*.long.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'build',
          include: ['test/**/*.build.test.ts'],
          fileParallelism: false,
          retry,
          testTimeout: 60_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'root',
          css,
          include: ['test/**/*.root.test.ts'],
          setupFiles,
          // Every test has hosts of its own. With more workers, what waits for a condition waits too long.
          maxWorkers: 2,
          retry,
          // A call takes several times as long by programs.
          testTimeout: apply === undefined ? 60_000 : 180_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'podman',
          include: ['test/**/*.podman.test.ts'],
          setupFiles,
          fileParallelism: false,
          retry,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'podman5',
          include: ['test/**/*.podman5.test.ts'],
          fileParallelism: false,
          retry,
          testTimeout: 180_000,
          // The first run makes a Debian 13.
          hookTimeout: 900_000,
        },
      },
      sid,
      ...kernels,
      plain,
    ],
  },
});
