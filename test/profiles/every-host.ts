import { vi } from 'vitest';
import { byPrograms, isPlainWay } from '../plain/way.ts';
import { applyProfile } from './apply.ts';
import { currentProfile } from './profiles.ts';

/*
 * Vitest loads this before each test file of a run with FLATNET_PROFILE or FLATNET_APPLY: every throw-away host of the run
 * then has that kernel, or that way to it, without a word in the tests.
 */
vi.mock(import('../../conformance/host.ts'), async (importOriginal) => {
  const original = await importOriginal();
  const profile = currentProfile(process.env);
  return {
    ...original,
    async createHost(options) {
      const host = await original.createHost(options);
      if (profile !== undefined) await applyProfile(host, profile);
      return isPlainWay ? byPrograms(host) : host;
    },
  };
});
