/** A result in any version's spelling, unchecked: every key may be missing or of another type. */
export interface AddResult {
  readonly cniVersion?: string;
  readonly interfaces?: readonly ResultInterface[];
  readonly ips?: readonly ResultIP[];
  readonly routes?: readonly ResultRoute[];
  readonly dns?: { readonly nameservers?: readonly string[]; readonly search?: readonly string[] };
  readonly [key: string]: unknown;
}

export interface ResultInterface {
  readonly name: string;
  readonly mac?: string;
  readonly mtu?: number;
  readonly sandbox?: string;
}

export interface ResultIP {
  readonly version?: string;
  readonly address: string;
  readonly gateway?: string;
  readonly interface?: number;
}

export interface ResultRoute {
  readonly dst: string;
  readonly gw?: string;
  /** Since 1.1.0; the main table if absent. */
  readonly table?: number;
}

/**
 * Every address that a result of any version gives the container, without prefix. Addresses of host interfaces are not
 * the container's (SPEC 1.1.0 §5, "IPs assigned external to the container").
 */
export function addressesOf(result: AddResult): string[] {
  const legacy = [result['ip4'], result['ip6']].map((entry) => (entry as { ip?: string } | undefined)?.ip);
  const current = (result.ips ?? []).filter((ip) => !isOnHost(result, ip)).map(({ address }) => address);
  return [...legacy, ...current]
    .filter((address) => address !== undefined)
    .map((address) => address.split('/')[0]!);
}

function isOnHost({ interfaces = [] }: AddResult, { interface: index }: ResultIP): boolean {
  const target = index === undefined ? undefined : interfaces[index];
  return target !== undefined && (target.sandbox ?? '') === '';
}

export function sandboxInterfaces(result: AddResult, netns: string): ResultInterface[] {
  return (result.interfaces ?? []).filter(({ sandbox }) => sandbox === netns);
}

export function hostInterfaces(result: AddResult): ResultInterface[] {
  return (result.interfaces ?? []).filter(({ sandbox }) => sandbox === undefined || sandbox === '');
}
