import { LEAST_MTU } from '../../bridge/mtu.ts';
import { familiesOf, type NetworkSpec } from '../../attachment/spec.ts';
import { invalidValue } from '../../input/parse.ts';
import type { Shape } from './shape.ts';

function sysctlPath(key: string): string {
  return key.includes('/') ? key : key.replaceAll('.', '/');
}

/**
 * The configured MTU; 0 is as none.
 *
 * @throws FlatnetError for one below which the network's IPv6 addresses cannot be had.
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
 * `sysctl` as the tuning plugin has it: keys of the sandbox's network, `IFNAME` standing for the interface. Returned
 * in file form.
 *
 * @throws FlatnetError for keys that are not about the network or are there twice.
 */
export function parseSysctls(shape: Shape, ifname: string, where: string): Readonly<Record<string, string>> {
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
