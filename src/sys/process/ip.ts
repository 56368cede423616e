import { isFields } from '../../input/parse.ts';
import type { Context } from '../context.ts';
import type { AddressInfo, LinkInfo } from '../link-info.ts';
import { type Completed, CommandError, run } from './run.ts';

export type { AddressInfo, LinkInfo } from '../link-info.ts';

/** The other end of a veth is down, or there is no signal. */
export function hasNoCarrier({ flags }: Pick<LinkInfo, 'flags'>): boolean {
  return flags.includes('NO-CARRIER');
}

/** `10.87.1.1/24`. */
export function formatAddressInfo({ local, prefixlen }: Pick<AddressInfo, 'local' | 'prefixlen'>): string {
  return `${local}/${prefixlen}`;
}

/** From `ip -j route show`; `dst` of the default route is `default`. */
export interface RouteInfo {
  readonly dst: string;
  readonly gateway?: string;
  readonly dev?: string;
  readonly metric?: number;
  /** Origin: `kernel`, `dhcp`, `static`; absent for `boot`, by hand. */
  readonly protocol?: string;
}

/** All links, or the one named `ifname`, in the caller's namespace or behind an open descriptor. */
export interface Which {
  readonly ifname?: string;
  readonly netnsFd?: number;
}

/**
 * Runs lines of `ip` in one process (`ip -batch -`). It stops at the first failing line and keeps the changes before
 * it: register the undo of the whole batch first.
 */
export function ipBatch(lines: readonly string[], ctx: Context, netnsFd?: number): Promise<Completed> {
  const args = ['-j', '-d', '-batch', '-'];
  return run({ tool: 'ip', args, input: `${lines.join('\n')}\n`, netnsFd }, ctx);
}

/** Output of `ip -j`; an empty list if it prints nothing. */
export function parseList(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text.trim() === '' ? '[]' : text);
    return Array.isArray(value) ? value : [];
  } catch (cause) {
    throw new Error(`"ip" printed ${JSON.stringify(text.slice(0, 60))}, which is not JSON`, { cause });
  }
}

/** Old versions of `ip -j` print empty objects for links that were filtered out. */
export function isLinkInfo(value: unknown): value is LinkInfo {
  return isFields(value) && typeof value['ifname'] === 'string' && Array.isArray(value['flags']);
}

function isRouteInfo(value: unknown): value is RouteInfo {
  return isFields(value) && typeof value['dst'] === 'string';
}

/** With addresses; empty if the link does not exist. */
export async function showLinks({ ifname, netnsFd }: Which, ctx: Context): Promise<readonly LinkInfo[]> {
  const args = ['-j', '-d', 'addr', 'show', ...(ifname === undefined ? [] : ['dev', ifname])];
  try {
    const { stdout } = await run({ tool: 'ip', args, netnsFd }, ctx);
    const links = parseList(stdout).filter(isLinkInfo);
    // For "if5", if no such link exists, `ip` shows the link of index 5.
    return ifname === undefined ? links : links.filter((link) => link.ifname === ifname);
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

/** Of the main table. */
export async function showRoutes(family: 4 | 6, ctx: Context): Promise<readonly RouteInfo[]> {
  const { stdout } = await run({ tool: 'ip', args: ['-j', `-${family}`, 'route', 'show'] }, ctx);
  return parseList(stdout).filter(isRouteInfo);
}

/** In any state; empty if the link does not exist. */
export async function neighboursOn(ifname: string, ctx: Context): Promise<readonly string[]> {
  try {
    const { stdout } = await run({ tool: 'ip', args: ['-j', 'neigh', 'show', 'dev', ifname] }, ctx);
    return parseList(stdout)
      .filter(isRouteInfo)
      .map(({ dst }) => dst);
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

function stderrOf(error: unknown): string {
  return error instanceof CommandError ? error.completed.stderr : '';
}

/** Whether `ip` failed because a link, address or route does not exist (iproute2 5.10 to 6.x, LC_ALL=C). */
export function isNotFound(error: unknown): boolean {
  return /does not exist|Cannot find device|No such device|Cannot assign requested address|No such process/.test(
    stderrOf(error),
  );
}

/** Whether `ip` failed because the object already exists. */
export function isExists(error: unknown): boolean {
  return /File exists|already exists|already assigned/.test(stderrOf(error));
}

/** Whether the first line of a batch makes a link of a kind that the kernel lacks. */
export function isUnknownKind(error: unknown): boolean {
  const said = stderrOf(error);
  return /Unknown device type|Operation not supported/.test(said) && /Command failed -:1\b/.test(said);
}
