/*
 * What the gateway knows and decides, as values. `collect/` fills the first half, `plan/` makes the second half of it, and
 * `nginx/`, `api/` and `page/` only read. Times are milliseconds since 1970.
 */

/** Values are a stranger's: no reader trusts them before `plan/` has checked them against a grammar. */
export type Labels = Readonly<Record<string, string>>;

/** A container as the runtime describes it, running or not. */
export interface Container {
  /** 64 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  readonly image: string;
  /** The owner's labels: those of the container, without what its image has set to the same value. */
  readonly labels: Labels;
  /** They count for what is displayed, never for what is served: an image's author is not the owner. */
  readonly imageLabels: Labels;
  /** TCP ports that image or owner declare, ascending. */
  readonly exposed: readonly number[];
  /** All its networks, those of other drivers included. */
  readonly networks: readonly string[];
  /** Its addresses on flatnet's networks, without prefix, IPv4 first; those it will get back while it is stopped. */
  readonly addresses: readonly string[];
  readonly phase: 'created' | 'running' | 'paused' | 'stopped';
  readonly health: 'starting' | 'healthy' | 'unhealthy' | undefined;
  readonly createdAt: number;
  /** `undefined` if it never ran. */
  readonly startedAt: number | undefined;
  /** Of a stopped one: when and how its process ended. */
  readonly stoppedAt: number | undefined;
  readonly exitCode: number | undefined;
}

/** What a port of a container answered when it was last tried. */
export interface Probe {
  readonly address: string;
  readonly port: number;
  /** Whether it accepted a TCP connection. */
  readonly accepts: boolean;
  /** Whether it answered HTTP; `undefined` if it was not asked. */
  readonly speaksHttp: boolean | undefined;
  /** When the answer was first this one. */
  readonly since: number;
}

/** By `ADDRESS:PORT`, see `probeKey`; absent if it was never tried. */
export type Probes = ReadonlyMap<string, Probe>;

export function probeKey(address: string, port: number): string {
  return `${address}:${port}`;
}

/** How a service is served: a decision and its reason, which page, API, command line and error pages word alike. */
export type PortReason =
  | { readonly by: 'label'; readonly label: string }
  | { readonly by: 'only-web-port'; readonly exposed: readonly number[] }
  | { readonly by: 'first-answer'; readonly tried: readonly number[] };

/** Why a container, or one of the services it declares, is not served. */
export type Refusal =
  | { readonly why: 'not-on-flatnet'; readonly networks: readonly string[] }
  | { readonly why: 'disabled'; readonly label: string }
  | { readonly why: 'not-labelled' }
  | { readonly why: 'no-address' }
  /** Its name has no letter or digit that a host name may have. */
  | { readonly why: 'no-host-name'; readonly name: string }
  | { readonly why: 'no-web-port'; readonly exposed: readonly number[]; readonly tried: readonly number[] }
  | {
      readonly why: 'bad-label';
      readonly label: string;
      readonly value: string;
      readonly expected: string;
    }
  /** An older container has host and path (gateway.md D10). */
  | { readonly why: 'conflict'; readonly host: string; readonly path: string; readonly owner: string }
  /** nginx refused its fragment; `message` is what nginx said. */
  | { readonly why: 'quarantined'; readonly message: string };

export type Scheme = 'http' | 'https' | 'h2c' | 'grpc';

/** What a route asks of nginx beyond host, path and port; every value has passed its grammar. */
export interface RouteOptions {
  readonly scheme: Scheme;
  /** Whether the path is taken off before the container sees the request. */
  readonly strip: boolean;
  /** Bytes; 0 is without limit. */
  readonly bodyLimit: number;
  /** Seconds between two reads of an answer. */
  readonly timeout: number;
  /** Nothing is buffered, in neither direction. */
  readonly stream: boolean;
  /** Who may ask: CIDRs; empty is everybody who reaches the gateway. */
  readonly access: readonly string[];
  /** A file of the directory for passwords, by its name. */
  readonly auth: string | undefined;
}

export type RouteState = 'ready' | 'starting' | 'unhealthy' | 'paused' | 'stopped';

/** A container behind a route. */
export interface Backend {
  readonly container: string;
  readonly containerID: string;
  readonly address: string;
  readonly port: number;
  readonly state: RouteState;
  /** Since when it is in that state. */
  readonly since: number;
  readonly exitCode: number | undefined;
}

/** Requests to one set of hosts and a path, and the containers that answer them. */
export interface Route {
  /**
   * Unique, of `[a-z0-9-]`: the container's host label, with `--SERVICE` behind it for `flatnet.SERVICE.host`;
   * `pool--NAME` for what containers share by `flatnet.balance`; with digits behind it where two containers would have the
   * same. Upstream, fragment and table call it by that. At most 200 characters.
   */
  readonly id: string;
  /** Lower case, the canonical one first; never empty. */
  readonly hosts: readonly string[];
  /** Begins with `/`, and ends with one if it is longer. */
  readonly path: string;
  readonly options: RouteOptions;
  /** Several only with `flatnet.balance`; the oldest first, never empty. */
  readonly backends: readonly Backend[];
  readonly portReason: PortReason;
  /** The best state of its backends. */
  readonly state: RouteState;
}

/** What the page shows of a container; free text, to be escaped where it is used. */
export interface Display {
  readonly title: string;
  readonly group: string | undefined;
  /** The name of an icon, or a text of one or two characters. */
  readonly icon: string | undefined;
  readonly description: string | undefined;
  /** Smaller comes first. */
  readonly weight: number;
}

/** A container with all that was decided about it. */
export interface Service {
  readonly container: Container;
  readonly display: Display;
  readonly state: RouteState;
  /** Since when it is in that state. */
  readonly since: number;
  /** IDs of its routes; empty if it is not served. */
  readonly routes: readonly string[];
  /** A served container may have some: one service of several, a name that an older container has. */
  readonly refusals: readonly Refusal[];
}

/** Everything that the gateway serves and shows, decided from one look at the host. Sorted, so that equal looks are equal. */
export interface Model {
  readonly routes: readonly Route[];
  readonly services: readonly Service[];
  /**
   * IPv4 addresses of which `ADDRESS.flatnet.local` may be asked for: those of running containers on flatnet's networks,
   * without containers that are not to be served or whose labels restrict who may ask.
   */
  readonly addresses: readonly string[];
}

export const EMPTY_MODEL: Model = { routes: [], services: [], addresses: [] };
