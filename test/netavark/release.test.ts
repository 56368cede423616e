import { expect, it } from 'vitest';
import { canRunDrivers } from '../../src/netavark/release.ts';

it.each([
  ['netavark 1.4.0\n', false],
  ['netavark 1.5.1', false],
  ['netavark 1.6.0', true],
  ['netavark 1.17.2-dev', true],
  ['netavark 2.0.0', true],
  ['', undefined],
  ['netavark nightly', undefined],
])('canRunDrivers() judges %j', (version, verdict) => {
  expect(canRunDrivers(version)).toBe(verdict);
});
