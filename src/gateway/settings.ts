/** An address to listen on; `*` is every address of the host, of both families. */
export interface Listen {
  readonly address: string;
  readonly port: number;
}

/** Label languages of other tools that can be read where a container has no `flatnet.` label. */
export const FOREIGN_LABELS = ['nginx-proxy', 'traefik', 'caddy', 'homepage'] as const;
export type ForeignLabels = (typeof FOREIGN_LABELS)[number];

/** What `/etc/flatnet/flatnetd.toml` says, defaults filled in. `parse-settings.ts` reads it. */
export interface Settings {
  readonly gateway: {
    /** Where nginx listens for browsers: `*:80` unless told otherwise. */
    readonly listen: readonly Listen[];
    /** Names below it work where a DNS server knows them: `NAME.flatnet.local`. */
    readonly domain: string;
    /** `all`: every container with a port for browsers; `labelled`: those with a label of `flatnet.` only. */
    readonly expose: 'all' | 'labelled';
    readonly foreignLabels: readonly ForeignLabels[];
    /** CIDRs of proxies in front of the gateway whose X-Forwarded-* headers are believed; none by default. */
    readonly trustedProxies: readonly string[];
    /** The header lines of the first gateway's guide, word for word, for files that are compared with it. */
    readonly literalHeaders: boolean;
    /** Password files (htpasswd) that `flatnet.auth` may name. */
    readonly passwords: string;
  };
  readonly api: {
    /** `*:8080` unless told otherwise. */
    readonly listen: readonly Listen[];
    /** CIDRs from which reading is allowed; loopback always is. Private ranges unless told otherwise. */
    readonly read: readonly string[];
    /** CIDRs from which changes are allowed without a token; loopback always is. */
    readonly write: readonly string[];
    /** Further host names that a browser may use for the page. */
    readonly hosts: readonly string[];
    readonly tokenFile: string;
  };
  readonly nginx: {
    /** `auto`: nginx or openresty, whichever PATH has. */
    readonly program: string;
    /** `auto`: addresses are followed without a reload where nginx has its Lua module. */
    readonly lua: 'auto' | 'off';
  };
  readonly podman: {
    /** Of the API; the command is used where nothing answers there. */
    readonly socket: string;
  };
}

/** Places that follow from no setting. */
export const PLACES = {
  settings: '/etc/flatnet/flatnetd.toml',
  /** Generated files of nginx, table, generations. */
  state: '/var/lib/flatnetd',
  /** Sockets and process numbers. */
  run: '/run/flatnetd',
  /** For nginx: who asks is in X-Real-IP, and believed. */
  proxySocket: '/run/flatnetd/nginx/api.sock',
  /** For root on this host: 0600. */
  ownSocket: '/run/flatnetd/api.sock',
  /** nginx tells its generation there. */
  proofSocket: '/run/flatnetd/nginx/proof.sock',
  pidFile: '/run/flatnetd/flatnetd.pid',
} as const;
