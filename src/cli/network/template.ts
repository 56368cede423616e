export interface NetworkOptions {
  readonly name: string;
  readonly bridge: string;
  /** CIDR. */
  readonly subnet: string;
  readonly gateway: string;
  readonly ipMasq: boolean;
}

export const DEFAULT_NETWORK: NetworkOptions = {
  name: 'flatnet',
  bridge: 'flatnet-br0',
  subnet: '10.87.1.0/24',
  gateway: '10.87.1.1',
  ipMasq: true,
};

/**
 * A network's conflist. `cniVersion` stays at 1.0.0: libcni 1.1 (Podman 4, containerd 1.6) cannot read 1.1.0 lists, and
 * newer runtimes take the highest of `cniVersions` that they know.
 */
export function conflistText({ name, bridge, subnet, gateway, ipMasq }: NetworkOptions): string {
  const text = JSON.stringify;
  return `{
  "cniVersion": "1.0.0",
  "cniVersions": ["0.4.0", "1.0.0", "1.1.0"],
  "name": ${text(name)},
  "plugins": [
    {
      "type": "flatnet",
      "bridge": ${text(bridge)},
      "isGateway": true,
      "isDefaultGateway": true,
      "ipMasq": ${text(ipMasq)},
      "ipam": {
        "ranges": [[{ "subnet": ${text(subnet)}, "gateway": ${text(gateway)} }]]
      },
      "capabilities": { "portMappings": true, "ips": true, "mac": true, "aliases": true }
    }
  ]
}
`;
}
