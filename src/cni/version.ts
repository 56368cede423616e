import { quote } from '../input/quote.ts';
import { CniError, CODE } from './errors.ts';

/** Every published version of the spec; results have the shape of the requested one. */
export const SUPPORTED_VERSIONS = ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'] as const;

export type CniVersion = (typeof SUPPORTED_VERSIONS)[number];

/** The newest; used if the request cannot be parsed far enough to name one. */
export const CURRENT_VERSION: CniVersion = '1.1.0';

/** The version of a configuration without `cniVersion` or with an empty one (the reference library's rule). */
export const IMPLIED_VERSION: CniVersion = '0.1.0';

export function isSupported(version: string): version is CniVersion {
  return SUPPORTED_VERSIONS.some((known) => known === version);
}

/** Negative if `a` is older than `b`, zero if equal, positive if newer. */
export function compareVersions(a: CniVersion, b: CniVersion): number {
  return SUPPORTED_VERSIONS.indexOf(a) - SUPPORTED_VERSIONS.indexOf(b);
}

/** @throws CniError 1 if flatnet does not support the version. */
export function negotiate(asked: string | undefined): CniVersion {
  if (asked === undefined || asked === '') return IMPLIED_VERSION;
  if (isSupported(asked)) return asked;
  throw new CniError(CODE.incompatibleVersion, `Cannot speak CNI version ${quote(asked)}`, {
    details: `flatnet supports ${SUPPORTED_VERSIONS.join(', ')}; set "cniVersion" in the network configuration to one of them`,
  });
}

/** The answer to VERSION: repeats the version of the request, as SPEC "VERSION" requires, or names the newest. */
export function versionReply(asked: unknown): string {
  const known = typeof asked === 'string' && isSupported(asked) ? asked : CURRENT_VERSION;
  const cniVersion = asked === '' ? IMPLIED_VERSION : known;
  return JSON.stringify({ cniVersion, supportedVersions: SUPPORTED_VERSIONS });
}
