import { quote } from '../input/quote.ts';
import { CniError, CODE } from './errors.ts';

/** Every version of the spec that was ever published; results are given in the one asked for. */
export const SUPPORTED_VERSIONS = ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'] as const;

/** A version flatnet speaks. */
export type CniVersion = (typeof SUPPORTED_VERSIONS)[number];

/** The newest; used where a request does not get far enough to name its own. */
export const CURRENT_VERSION: CniVersion = '1.1.0';

/** A configuration without `cniVersion`, or with an empty one, is of the first version (the reference library's rule). */
export const IMPLIED_VERSION: CniVersion = '0.1.0';

/** Type guard for versions flatnet speaks. */
export function isSupported(version: string): version is CniVersion {
  return SUPPORTED_VERSIONS.some((known) => known === version);
}

/** Negative, zero or positive as `a` is older than, equal to or newer than `b`. */
export function compareVersions(a: CniVersion, b: CniVersion): number {
  return SUPPORTED_VERSIONS.indexOf(a) - SUPPORTED_VERSIONS.indexOf(b);
}

/**
 * The version a request is answered in.
 *
 * @throws CniError 1 for one that flatnet does not speak.
 */
export function negotiate(asked: string | undefined): CniVersion {
  if (asked === undefined || asked === '') return IMPLIED_VERSION;
  if (isSupported(asked)) return asked;
  throw new CniError(CODE.incompatibleVersion, `Cannot speak CNI version ${quote(asked)}`, {
    details: `flatnet supports ${SUPPORTED_VERSIONS.join(', ')}; set "cniVersion" in the network configuration to one of them`,
  });
}

/** The answer to VERSION; echoes the version asked in, as SPEC "VERSION" wants, or names the newest. */
export function versionReply(asked: unknown): string {
  const known = typeof asked === 'string' && isSupported(asked) ? asked : CURRENT_VERSION;
  const cniVersion = asked === '' ? IMPLIED_VERSION : known;
  return JSON.stringify({ cniVersion, supportedVersions: SUPPORTED_VERSIONS });
}
