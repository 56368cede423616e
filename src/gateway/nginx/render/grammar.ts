import { formatAddress, parseAddress, parseCidr, splitPrefix } from '../../../input/address.ts';
import { hostPort } from '../../../input/host-port.ts';
import { quote } from '../../../input/quote.ts';
import type { Backend, Route } from '../../model.ts';

/*
 * The last defence: `plan/` has checked every value already. What does not match here is never written into a file of
 * nginx, where a stray `;` or line end would be a directive (gateway.md D9; CVE-2023-5043 and its like).
 */

/** A value of a route that must not be rendered. */
export class UnrenderableRoute extends Error {
  readonly route: string;

  constructor(route: string, what: string, value: unknown) {
    super(`Cannot write ${what} ${quote(value)} into the configuration of nginx`);
    this.name = 'UnrenderableRoute';
    this.route = route;
  }
}

/** A value of the settings, or a path, that must not be rendered. */
export class UnrenderableSetting extends Error {
  constructor(what: string, value: unknown) {
    super(`Cannot write ${what} ${quote(value)} into the configuration of nginx`);
    this.name = 'UnrenderableSetting';
  }
}

const ID = /^[a-z0-9](?:[a-z0-9-]{0,126}[a-z0-9])?$/;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const HOST_LENGTH = 253;
const PATH = /^\/(?:[A-Za-z0-9._~-]+\/)*$/;
const PATH_LENGTH = 1_000;
const PASSWORD_FILE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const SCHEMES: readonly string[] = ['http', 'https', 'h2c', 'grpc'];
const LONGEST_SECONDS = 366 * 86_400;

export function isHost(text: string): boolean {
  return text.length <= HOST_LENGTH && text.split('.').every((label) => LABEL.test(label));
}

export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}

function isPath(text: string): boolean {
  const hasDots = text.split('/').some((part) => part === '.' || part === '..');
  return text.length <= PATH_LENGTH && PATH.test(text) && !hasDots;
}

const isCount = (value: number, most: number): boolean =>
  Number.isInteger(value) && value >= 0 && value <= most;

function firstBadBackend(backends: readonly Backend[]): Finding | undefined {
  if (backends.length === 0) return ['the backends', backends];
  const bad = backends.find(({ address, port }) => parseAddress(address) === undefined || !isPort(port));
  return bad === undefined ? undefined : ['the backend', `${bad.address}:${bad.port}`];
}

type Finding = readonly [what: string, value: unknown];

function firstBad({ id, hosts, path, options, backends }: Route): Finding | undefined {
  const host = hosts.find((name) => !isHost(name));
  const strange = options.access.find((text) => parseCidr(text) === undefined);
  const checks: readonly (readonly [boolean, ...Finding])[] = [
    [ID.test(id), 'the name', id],
    [hosts.length > 0 && host === undefined, 'the host', host],
    [isPath(path), 'the path', path],
    [SCHEMES.includes(options.scheme), 'the scheme', options.scheme],
    [isCount(options.bodyLimit, Number.MAX_SAFE_INTEGER), 'the limit of bodies', options.bodyLimit],
    [options.timeout > 0 && isCount(options.timeout, LONGEST_SECONDS), 'the timeout', options.timeout],
    [strange === undefined, 'the network', strange],
    [options.auth === undefined || PASSWORD_FILE.test(options.auth), 'the password file', options.auth],
  ];
  const failed = checks.find(([isGood]) => !isGood);
  return failed === undefined ? firstBadBackend(backends) : [failed[1], failed[2]];
}

/** @throws UnrenderableRoute for a value that its grammar does not know. */
export function checkRoute(route: Route): void {
  const bad = firstBad(route);
  if (bad !== undefined) throw new UnrenderableRoute(route.id, ...bad);
}

const SAFE_PATH = /^[A-Za-z0-9_./:@+~ -]+$/;

/** A path of the settings as an argument. @throws UnrenderableSetting */
export function pathArgument(path: string): string {
  if (!SAFE_PATH.test(path)) throw new UnrenderableSetting('the path', path);
  return path.includes(' ') ? `"${path}"` : path;
}

/** @throws UnrenderableSetting */
export function checked(what: string, value: string, isGood: (value: string) => boolean): string {
  if (!isGood(value)) throw new UnrenderableSetting(what, value);
  return value;
}

export const isCidr = (text: string): boolean => parseCidr(text) !== undefined;

/** In the one spelling that nginx takes: it refuses `0:0:0:0:0:0:0::`. A text that is no address stays. */
export function canonical(address: string): string {
  const parsed = parseAddress(address);
  return parsed === undefined ? address : formatAddress(parsed);
}

/** As `canonical`, of a CIDR. */
export function network(text: string): string {
  const { address, prefix } = splitPrefix(text);
  return `${canonical(address)}/${prefix}`;
}

/** `10.87.1.2:3000`, `[fd00::2]:3000`. */
export function endpoint({ address, port }: Pick<Backend, 'address' | 'port'>): string {
  return hostPort(canonical(address), port);
}
