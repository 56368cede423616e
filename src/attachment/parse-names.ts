import { isReserved } from '../veth/name.ts';

/*
 * Names from a runtime, of networks, containers and interfaces, become parts of link names, aliases and file names:
 * each has a strict grammar.
 */

/** Kubernetes allows 253 characters; names for people or DNS are no longer. */
const CONTAINER_NAME_LIMIT = 255;
const CONTAINER_ID = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;
/** In characters; runtimes use 64. */
export const CONTAINER_ID_LIMIT = 192;
const NETWORK_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;
const NETWORK_NAME_LIMIT = 100;

/** Completes "expected". */
export const NETWORK_NAME_FORM = `at most ${NETWORK_NAME_LIMIT} letters, digits, "_", "." and "-", a letter or digit first`;

export function isNetworkName(name: string): boolean {
  return NETWORK_NAME.test(name) && name.length <= NETWORK_NAME_LIMIT;
}

export const CONTAINER_ID_FORM =
  'a container id begins with a letter or digit followed by letters, digits, "_", "." and "-"';

/** Checks only the characters; the length is the caller's to check. */
export function isContainerID(id: string): boolean {
  return CONTAINER_ID.test(id);
}

/**
 * Why a text is no interface name, or `undefined` if it is one. The kernel's rules (at most 15 bytes, not "." or "..",
 * not "all" or "default", which are its sysctl directories, no "/", ":" or blanks, "%" is a template), and no character
 * that `ip -batch` reads as quoting or comment.
 */
export function ifnameProblem(name: string): string | undefined {
  if (name.length === 0 || name.length > 15) return 'an interface name has 1 to 15 characters';
  if (['.', '..', 'all', 'default'].includes(name)) return 'it must not be ".", "..", "all" or "default"';
  if (!/^[!-~]+$/.test(name)) return 'it must be of printable ASCII characters without blanks';
  if (/[/:%"'\\#;]/.test(name)) return 'it must not contain any of / : % " \' \\ # ;';
  if (name.startsWith('-')) return 'it must not begin with "-"';
  return undefined;
}

/** Why a text cannot be chosen as a name of a host end, or `undefined` if it can. */
export function hostNameProblem(name: string): string | undefined {
  return isReserved(name)
    ? 'names of "fn" or "fb" and 13 characters are flatnet\'s own'
    : ifnameProblem(name);
}

/** Drops over-long names: a name is stored with 512 released addresses and in every line of the log. */
export function nameToRemember(name: string | undefined): string | undefined {
  return name === '' || (name?.length ?? 0) > CONTAINER_NAME_LIMIT ? undefined : name;
}

/** More than any container has; each is stored with its addresses. */
const ALIASES_LIMIT = 64;

/** Each once; more than anybody has are dropped. */
export function aliasesToRemember(aliases: readonly string[]): readonly string[] {
  return [...new Set(aliases)].slice(0, ALIASES_LIMIT);
}

/** Completes "expected". */
export const UNICAST_FORM = 'a unicast MAC: the first byte even, not all zero';

/** In lower case; `undefined` for a MAC that no interface can have: multicast, or all zero. */
export function unicastMac(mac: string): string | undefined {
  const isMulticast = (parseInt(mac.slice(0, 2), 16) & 1) === 1;
  return isMulticast || mac === '00:00:00:00:00:00' ? undefined : mac.toLowerCase();
}
