import { PROFILES, type ProfileName } from './profiles.ts';

/** What flatnet does differently where a kernel lacks something: the plugin, the packet filter, pairs, and Podman. */
const EVERYTHING = ['cni', 'attachment', 'firewall', 'bridge', 'veth', 'podman'].flatMap((folder) => [
  `test/${folder}/**/*.root.test.ts`,
  `test/${folder}/**/*.podman.test.ts`,
]);

/** What runs with every change: of each kernel what it is special for. */
const SAMPLES: Readonly<Record<ProfileName, readonly string[]>> = {
  'wsl-5.15': [
    'test/cni/{add,del,check,gc,status}.root.test.ts',
    'test/firewall/spoof.root.test.ts',
    'test/veth/options.root.test.ts',
  ],
  'wsl-6.6.87': [
    'test/cni/{add,del,check,gc,status}.root.test.ts',
    'test/firewall/masquerade.root.test.ts',
    'test/firewall/host-addresses.root.test.ts',
    'test/firewall/ports.root.test.ts',
    'test/podman/publish.podman.test.ts',
  ],
  'wsl-6.18': ['test/firewall/spoof.root.test.ts', 'test/firewall/isolation.root.test.ts'],
  'no-modules': [],
};

/**
 * Tests that say nothing of a kernel: an earlier release, whose rules need what WSL's kernels lack. A kernel without any
 * module has no bridge, so that every test of a network would only repeat one refusal; features.root.test.ts and
 * kernel-needs.root.test.ts look at it themselves.
 */
const WITHOUT_MEANING = ['test/firewall/upgrade.root.test.ts'];

/** Which test files run under which kernel: with `all` as FLATNET_KERNELS (the nightly run) each under each. */
export function filesByKernel(env: Readonly<Record<string, string | undefined>>): readonly {
  readonly profile: ProfileName;
  readonly files: readonly string[];
  readonly exclude: readonly string[];
}[] {
  const names = Object.keys(PROFILES).filter((name): name is ProfileName => name in PROFILES);
  return names.map((profile) => ({
    profile,
    files: env['FLATNET_KERNELS'] === 'all' && profile !== 'no-modules' ? EVERYTHING : SAMPLES[profile],
    exclude: WITHOUT_MEANING,
  }));
}
