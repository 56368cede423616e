/** Networks of the histories: what a user would have beside each other on one host. */
export type NetworkName = 'n0' | 'n1' | 'n2' | 'n3';

interface Network {
  readonly bridge: string;
  /** Of each family one; the last two bits and the bit before tell the containers, so that addresses soon come again. */
  readonly subnets: readonly string[];
  /** Where its addresses are kept. */
  readonly home: string;
  /** Whether the addresses are host-local's, the reference IPAM plugin. */
  readonly isDelegated?: boolean;
}

/** Where flatnet keeps addresses when the configuration says nothing. */
export const DEFAULT_HOME = '/var/lib/flatnet/ipam';
/** Of the network that says something. */
export const SECOND_HOME = '/var/lib/flatnet/second';

/** n0 and n1 share a data directory, n1 is of both families, n2 has one of its own, n3 has addresses of host-local. */
export const NETWORKS: Readonly<Record<NetworkName, Network>> = {
  n0: { bridge: 'props0', subnets: ['10.80.0.0/29'], home: DEFAULT_HOME },
  n1: { bridge: 'props1', subnets: ['10.80.1.0/29', 'fd00:80:1::/125'], home: DEFAULT_HOME },
  n2: { bridge: 'props2', subnets: ['10.80.2.0/29'], home: SECOND_HOME },
  n3: {
    bridge: 'props3',
    subnets: ['10.80.3.0/29'],
    home: '/var/lib/cni/networks',
    isDelegated: true,
  },
};

/** Every network, in order. */
export const NETWORK_NAMES: readonly NetworkName[] = ['n0', 'n1', 'n2', 'n3'];

/** The data directories of flatnet's own, each with an allocations.json. */
export const HOMES = [DEFAULT_HOME, SECOND_HOME] as const;

/** One of the data directories of flatnet's own. */
export type Home = (typeof HOMES)[number];

/** A published port: what Podman passes for `-p 127.0.0.1:20001:8000/tcp`. */
export interface Port {
  readonly hostPort: number;
  readonly protocol: 'tcp' | 'udp';
  readonly hostIP?: '127.0.0.1' | '0.0.0.0';
}

/** The port inside a container tells whose a mapping is. */
export function containerPort(container: string): number {
  return 8000 + (container.codePointAt(0) ?? 0) - 97;
}

function ipamOf(network: NetworkName): object {
  const { subnets, home, isDelegated } = NETWORKS[network];
  const ranges = subnets.map((subnet) => [{ subnet }]);
  if (isDelegated === true) return { type: 'host-local', ranges, dataDir: home };
  return { ranges, ...(home === DEFAULT_HOME ? {} : { dataDir: home }) };
}

/** The configuration that a runtime sends with a call about a container. */
export function confOf(
  network: NetworkName,
  { container, ports }: { readonly container: string; readonly ports: readonly Port[] },
): Readonly<Record<string, unknown>> {
  const portMappings = ports.map((port) => ({ ...port, containerPort: containerPort(container) }));
  return {
    // host-local of Debian 12 knows no 1.1.0.
    cniVersion: NETWORKS[network].isDelegated === true ? '1.0.0' : '1.1.0',
    name: network,
    type: 'flatnet',
    bridge: NETWORKS[network].bridge,
    ipMasq: true,
    ipam: ipamOf(network),
    ...(ports.length === 0 ? {} : { runtimeConfig: { portMappings } }),
  };
}

/** The interface that a container has in a network. */
export function ifnameOf(network: NetworkName): string {
  return `eth${NETWORK_NAMES.indexOf(network)}`;
}
