import { PLACES } from '../settings.ts';

/**
 * Where an nginx finds its files, as its configuration names them: this host's, or the paths of a Windows host
 * (`F:/flatnet/config/`, with slashes, as nginx wants them there).
 */
export interface NginxPlaces {
  /** In front of generated files in an `include`; empty where they are named from the main file's directory. */
  readonly root: string;
  /** Directory of `flatnet.conf` and `routes/` below the root, with `/` behind it; empty for the root itself. */
  readonly sites: string;
  /** Where flatnetd answers nginx: `unix:/run/…/api.sock`, or `ADDRESS:PORT`. */
  readonly api: string;
  /** What the server listens on that tells the generation: `unix:/run/…/proof.sock`, or `ADDRESS:PORT`. */
  readonly proof: string;
  /** The table of addresses (`renderTable`). */
  readonly table: string;
  /** The directory of `flatnet.lua`. */
  readonly lua: string;
  readonly pid: string;
  readonly errorLog: string;
  readonly accessLog: string;
  /** A directory for bodies that do not fit into memory; `undefined` leaves nginx's own. */
  readonly temp: string | undefined;
}

/** Directories of flatnetd on this host, all absolute. */
export interface Directories {
  readonly state: string;
  readonly run: string;
  readonly log: string;
}

export const DIRECTORIES: Directories = {
  state: `${PLACES.state}/nginx`,
  run: `${PLACES.run}/nginx`,
  // Apart from flatnet's own logs: nginx has to be told when its files are rotated.
  log: '/var/log/flatnet/nginx',
};

/** Of this host. The table is in memory: addresses are followed even with a full disk. */
export function placesIn({ state, run, log }: Directories): NginxPlaces {
  return {
    root: '',
    sites: '',
    api: `unix:${PLACES.proxySocket}`,
    proof: `unix:${PLACES.proofSocket}`,
    table: `${run}/table`,
    lua: state,
    pid: `${run}/nginx.pid`,
    errorLog: `${log}/error.log`,
    accessLog: `${log}/access.log`,
    temp: `${state}/temp`,
  };
}
