export interface NetworkOptions {
  readonly name: string;
  readonly bridge: string;
  /** CIDR. */
  readonly subnet: string;
  readonly gateway: string;
  readonly ipMasq: boolean;
  /** Whether names of its containers resolve. */
  readonly hasNames: boolean;
}

export const DEFAULT_NETWORK: NetworkOptions = {
  name: 'flatnet',
  bridge: 'flatnet-br0',
  subnet: '10.87.1.0/24',
  gateway: '10.87.1.1',
  ipMasq: true,
  hasNames: true,
};

/**
 * Versions of a conflist. `cniVersion` stays at 1.0.0: libcni 1.1 (Podman 4, containerd 1.6) cannot read 1.1.0 lists, and
 * newer runtimes take the highest of `cniVersions` that they know.
 */
export const VERSIONS = { cniVersion: '1.0.0', cniVersions: ['0.4.0', '1.0.0', '1.1.0'] } as const;

/** What of a container's request a runtime is to hand over. */
export const CAPABILITIES = { portMappings: true, ips: true, mac: true, aliases: true } as const;

/** A network's conflist. */
export function conflistText({ name, bridge, subnet, gateway, ipMasq, hasNames }: NetworkOptions): string {
  const text = JSON.stringify;
  const capabilities = Object.keys(CAPABILITIES).map((capability) => `${text(capability)}: true`);
  return `{
  "cniVersion": ${text(VERSIONS.cniVersion)},
  "cniVersions": [${VERSIONS.cniVersions.map((version) => text(version)).join(', ')}],
  "name": ${text(name)},
  "plugins": [
    {
      "type": "flatnet",
      "bridge": ${text(bridge)},
      "isGateway": true,
      "isDefaultGateway": true,
      "ipMasq": ${text(ipMasq)},${hasNames ? '\n      "names": {},' : ''}
      "ipam": {
        "ranges": [[{ "subnet": ${text(subnet)}, "gateway": ${text(gateway)} }]]
      },
      "capabilities": { ${capabilities.join(', ')} }
    }
  ]
}
`;
}
