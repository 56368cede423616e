import { FlatnetError } from '../../input/error.ts';
import type { Bandwidth } from '../../veth/bandwidth.ts';
import { readTextFile } from '../../sys/files/files.ts';
import { LEAST_MTU } from '../../bridge/mtu.ts';
import { quote } from '../../input/quote.ts';
import { familiesOf } from './ports.ts';
import { invalidValue } from '../../input/parse.ts';
import type { NET_CONF } from '../schema.ts';
import type { Infer } from '../../input/shape.ts';
import type { DNS, NetConf } from '../types.ts';

type NetShape = Infer<typeof NET_CONF>;

/** Where the reference tuning plugin keeps the sysctls that networks may set, one regular expression a line. */
const ALLOWLIST = '/etc/cni/tuning/allowlist.conf';
/** The kernel keeps a burst in 32 bits of bytes (the reference bandwidth plugin's limit, in bits). */
const BURST_LIMIT = 2 ** 32;

function sysctlPath(key: string): string {
  return key.includes('/') ? key : key.replaceAll('.', '/');
}

/**
 * Refuses sysctls that the host's allow-list does not have; a host without one allows all.
 *
 * @throws FlatnetError naming the key.
 */
export function refuseSysctls(keys: readonly string[]): void {
  const allowlist = readTextFile(ALLOWLIST);
  if (allowlist === undefined) return;
  const patterns = allowlist.split('\n').filter((line) => line.trim() !== '');
  const refused = keys.find((key) => !patterns.some((pattern) => new RegExp(pattern).test(key)));
  if (refused === undefined) return;
  throw new FlatnetError('invalid', `Invalid "sysctl": key ${quote(refused)} is not allowed on this host`, {
    details: `no line of ${ALLOWLIST} matches it`,
  });
}

/**
 * Refuses what the reference bridge refuses: a promiscuous bridge sees what a port in hairpin mode sends back, twice.
 *
 * @throws FlatnetError.
 */
export function refuseDoubling({ name, promiscMode, hairpinMode }: NetConf): void {
  if (!promiscMode || !hairpinMode) return;
  const where = `the configuration of network "${name}"`;
  throw invalidValue('promiscMode', true, { expected: 'false beside "hairpinMode": true', where });
}

/**
 * The configured MTU; 0 is as none.
 *
 * @throws FlatnetError for one below which the network's IPv6 addresses cannot be had.
 */
export function parseMtu(mtu: number | undefined, ipam: NetConf['ipam'], where: string): number | undefined {
  if (mtu === undefined || mtu === 0) return undefined;
  if (mtu >= LEAST_MTU[6] || ipam.kind === 'delegated' || !familiesOf(ipam).includes(6)) return mtu;
  const expected = `${LEAST_MTU[6]} or more, which IPv6 needs; or take the IPv6 range out of "ipam"`;
  throw invalidValue('mtu', mtu, { expected, where });
}

/**
 * `sysctl` as the tuning plugin has it: keys of the sandbox's network, `IFNAME` standing for the interface. Returned
 * in file form.
 *
 * @throws FlatnetError for keys that are not about the network or are there twice.
 */
export function parseSysctls(
  shape: NetShape,
  ifname: string,
  where: string,
): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [key, value] of Object.entries(shape.sysctl ?? {})) {
    const path = sysctlPath(key).replaceAll('IFNAME', ifname);
    const refuse = (expected: string) => invalidValue(`sysctl.${key}`, value, { expected, where });
    if (typeof value !== 'string') throw refuse('a text');
    if (!/^net(\/[\w.@-]+)+$/.test(path) || path.includes('..')) throw refuse('a key below "net."');
    if (path in found) throw refuse('a key that is not there already in another spelling');
    found[path] = value;
  }
  return found;
}

function pair(rate: number | undefined, burst: number | undefined): Bandwidth['ingress'] {
  return rate === undefined || burst === undefined || rate === 0 ? undefined : { rate, burst };
}

/**
 * Limits of the traffic, as the bandwidth plugin has them: `runtimeConfig.bandwidth`, else the network's own keys.
 *
 * @throws FlatnetError for a rate without burst, a burst without rate, and a burst of 4 Gbit or more.
 */
export function parseBandwidth(shape: NetShape, where: string): Bandwidth {
  const limits = shape.runtimeConfig?.bandwidth ?? shape;
  for (const side of ['ingress', 'egress'] as const) {
    const [rate, burst] = [limits[`${side}Rate`] ?? 0, limits[`${side}Burst`] ?? 0];
    const expected = `a rate and a burst, both in bits and above zero, the burst below ${BURST_LIMIT}`;
    if (rate > 0 === burst > 0 && burst < BURST_LIMIT) continue;
    throw invalidValue(`${side}Burst`, burst, { expected, where });
  }
  return {
    ingress: pair(limits.ingressRate, limits.ingressBurst),
    egress: pair(limits.egressRate, limits.egressBurst),
  };
}

function valuesOf(text: string, keyword: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([first]) => first === keyword)
    .flatMap(([, ...values]) => values);
}

/**
 * Resolver settings from a file in the form of resolv.conf(5): host-local's `ipam.resolvConf`.
 *
 * @throws FlatnetError when it cannot be read.
 */
export function readResolvConf(path: string): DNS {
  const text = readTextFile(path);
  if (text === undefined) {
    throw new FlatnetError('invalid', `Cannot read "ipam.resolvConf" ${quote(path)}`, {
      details: 'it must be a file in the form of /etc/resolv.conf; correct the path or leave the key out',
    });
  }
  const domain = valuesOf(text, 'domain').at(-1);
  return {
    nameservers: valuesOf(text, 'nameserver'),
    search: valuesOf(text, 'search'),
    options: valuesOf(text, 'options'),
    ...(domain === undefined ? {} : { domain }),
  };
}
