import type { NameRecord } from './record.ts';

/** How a network wants its names served. */
export interface NamesSpec {
  readonly server: 'auto' | 'aardvark' | 'dnsmasq';
  /** Names are answered with and without it. */
  readonly domain: string;
  /** Absent: the host does not find them. */
  readonly host?: HostWay | undefined;
}

/** How the host itself finds containers: by its /etc/hosts, or by systemd-resolved. */
export const HOST_WAYS = ['hosts', 'resolved'] as const;
export type HostWay = (typeof HOST_WAYS)[number];

/** The domain of a network that names none. */
export const DEFAULT_DOMAIN = 'flatnet';

/** A network whose names are served. */
export interface Zone {
  readonly network: string;
  readonly bridge: string;
  readonly domain: string;
  /** The bridge's own addresses, on which the server listens. */
  readonly listen: readonly string[];
  /** Nothing is asked of other servers. */
  readonly internal: boolean;
  readonly host?: HostWay | undefined;
  /** Where the server listens if another has port 53; absent: 53. */
  readonly port?: number | undefined;
}

/** A zone and what it has. */
export interface FilledZone {
  readonly zone: Zone;
  readonly records: readonly NameRecord[];
}

/** A program that runs and answers. */
export interface ServerProgram {
  readonly kind: 'aardvark' | 'dnsmasq';
  /** Absolute. */
  readonly path: string;
}
