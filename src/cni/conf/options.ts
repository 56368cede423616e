import { LEAST_MTU } from '../../bridge/mtu.ts';
import { familiesOf, type NetworkSpec } from '../../attachment/spec.ts';
import { invalidValue } from '../../input/parse.ts';
import type { Shape } from './shape.ts';

function sysctlPath(key: string): string {
  return key.includes('/') ? key : key.replaceAll('.', '/');
}

/**
 * The configured MTU; 0 means none.
 * @throws FlatnetError if it is too small for the network's IPv6 addresses.
 */
export function parseMtu(
  mtu: number | undefined,
  ipam: NetworkSpec['ipam'],
  where: string,
): number | undefined {
  if (mtu === undefined || mtu === 0) return undefined;
  if (mtu >= LEAST_MTU[6] || ipam.from === 'source' || !familiesOf(ipam).includes(6)) return mtu;
  const expected = `${LEAST_MTU[6]} or more, which IPv6 needs; or take the IPv6 range out of "ipam"`;
  throw invalidValue('mtu', mtu, { expected, where });
}

/**
 * As in the tuning plugin; `IFNAME` stands for the interface. Returned by path below /proc/sys.
 * @throws FlatnetError for keys outside `net.` and for duplicates.
 */
export function parseSysctls(shape: Shape, ifname: string, where: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [key, value] of Object.entries(shape.sysctl ?? {})) {
    const path = sysctlPath(key).replaceAll('IFNAME', ifname);
    const refuse = (expected: string) => invalidValue(`sysctl.${key}`, value, { expected, where });
    if (typeof value !== 'string') throw refuse('a text');
    if (!/^net(\/[\w.@-]+)+$/.test(path) || path.includes('..')) throw refuse('a key below "net."');
    if (path in found) throw refuse('a key that is not already present in another spelling');
    found[path] = value;
  }
  return found;
}
