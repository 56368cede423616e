import { describe, expect, it } from 'vitest';
import { currentProfile, type ProfileName } from './profiles.ts';

/** What some kernels cannot do, who they are, and the error that says so. */
const LACKING = {
  bandwidth: { kernels: ['wsl-5.15', 'no-modules'], says: /the kernel lacks "(ifb|sch_tbf)"/ },
  macspoofchk: {
    kernels: ['wsl-5.15'],
    says: /the kernel lacks nftables' tables of family "netdev"/,
  },
  /** In the form that is one table for all bridges; there is another. */
  spoofTable: {
    kernels: ['wsl-5.15', 'wsl-6.6.87', 'wsl-6.18', 'no-modules'],
    says: /the kernel lacks nftables' tables of family "bridge"/,
  },
  sctp: { kernels: ['wsl-5.15'], says: /the kernel does not track SCTP/ },
} as const satisfies Readonly<
  Record<string, { readonly kernels: readonly ProfileName[]; readonly says: RegExp }>
>;

export type Feature = keyof typeof LACKING;

/** Whether the kernel of this run lacks it. */
export function isLacking(feature: Feature): boolean {
  const profile = currentProfile(process.env);
  return LACKING[feature].kernels.some((name) => name === profile);
}

/** Asserts that an answer of the plugin is the refusal that names what the kernel lacks. */
export function expectRefusal(
  feature: Feature,
  answer: { readonly exitCode: number; readonly json: { readonly code: number; readonly msg: string } },
): void {
  expect(answer).toMatchObject({
    exitCode: 1,
    json: { code: 50, msg: expect.stringMatching(LACKING[feature].says) },
  });
}

/**
 * The tests of something that not every kernel can do. Under one that cannot, there is one test in their place: that an
 * ADD which asks for it is refused by name.
 */
export function describeUnlessLacking(
  feature: Feature,
  attempt: () => Promise<Parameters<typeof expectRefusal>[1]>,
  tests: () => void,
): void {
  if (!isLacking(feature)) describe(feature, tests);
  else {
    it(`${feature}, which this kernel cannot do, is refused by name`, async () => {
      expectRefusal(feature, await attempt());
    });
  }
}
