/** The fields of `ip -j -d addr show` that flatnet reads. */
export interface LinkInfo {
  readonly ifname: string;
  readonly ifindex: number;
  readonly link_index?: number;
  readonly flags: readonly string[];
  readonly mtu: number;
  readonly txqlen?: number;
  readonly master?: string;
  readonly operstate?: string;
  readonly address?: string;
  readonly ifalias?: string;
  /** Further names. */
  readonly altnames?: readonly string[];
  readonly promiscuity?: number;
  readonly linkinfo?: {
    readonly info_kind?: string;
    readonly info_slave_kind?: string;
    readonly info_slave_data?: {
      readonly hairpin?: boolean;
      readonly isolated?: boolean;
      readonly state?: string;
    };
  };
  readonly addr_info?: readonly AddressInfo[];
}

export interface AddressInfo {
  readonly family: 'inet' | 'inet6';
  readonly local: string;
  readonly prefixlen: number;
  readonly scope: string;
  readonly broadcast?: string;
  /** IPv6: duplicate address detection is still running. */
  readonly tentative?: boolean;
  /** IPv6: another host has the address. */
  readonly dadfailed?: boolean;
}

/** A kernel route; a multipath route becomes one per link. */
export interface KernelRoute {
  /** CIDR. */
  readonly dst: string;
  readonly gw: string | undefined;
  /** Index of the link. */
  readonly link: number;
  readonly table: number;
  readonly metric: number;
  readonly scope: number;
  readonly mtu: number | undefined;
  readonly advmss: number | undefined;
}

/** A neighbour that has answered, or a static entry. */
export interface Neighbour {
  readonly mac: string;
  /** A static entry, which stays when the neighbour is gone. */
  readonly isPermanent: boolean;
}

/** `name` for people, `index` for the kernel. */
export interface Device {
  readonly name: string;
  readonly index: number;
}
