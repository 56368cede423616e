/** One link as `ip -j -d addr show` prints it; only what flatnet reads. */
export interface LinkInfo {
  readonly ifname: string;
  readonly ifindex: number;
  readonly link_index?: number;
  readonly flags: readonly string[];
  readonly mtu: number;
  readonly master?: string;
  readonly operstate?: string;
  readonly address?: string;
  readonly ifalias?: string;
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

/** One address of a link. */
export interface AddressInfo {
  readonly family: 'inet' | 'inet6';
  readonly local: string;
  readonly prefixlen: number;
  readonly scope: string;
  readonly broadcast?: string;
  /** IPv6: duplicate address detection is still at work. */
  readonly tentative?: boolean;
  /** IPv6: another host has it. */
  readonly dadfailed?: boolean;
}

/** A route of the kernel's; one through several links is one for each. */
export interface KernelRoute {
  /** CIDR. */
  readonly dst: string;
  readonly gw: string | undefined;
  /** Number of the link. */
  readonly link: number;
  readonly table: number;
  readonly metric: number;
  readonly scope: number;
  readonly mtu: number | undefined;
  readonly advmss: number | undefined;
}

/** A neighbour on a link that has answered, or was entered by hand. */
export interface Neighbour {
  readonly mac: string;
  /** Entered by hand: stays when the neighbour is gone. */
  readonly isPermanent: boolean;
}

/** A link, by name for people and by number for the kernel. */
export interface Device {
  readonly name: string;
  readonly index: number;
}
