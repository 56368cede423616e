import { UNBOUNDED } from '../../sys/context.ts';
import { enableForwarding } from '../../bridge/sysctls.ts';
import { forwardGaps, openForward } from '../../firewall/forward.ts';
import { readSysctl } from '../../sys/sysctl.ts';
import { forwardSpecOf } from '../facts/networks.ts';
import type { HostNetwork } from '../network/host-network.ts';

/** Enables forwarding in the kernel; returns a sentence for each sysctl that was off. */
export function enableSysctls(families: readonly (4 | 6)[]): readonly string[] {
  const keys = ['net/ipv4/ip_forward', ...(families.includes(6) ? ['net/ipv6/conf/all/forwarding'] : [])];
  const off = keys.filter((key) => readSysctl(key) !== '1');
  enableForwarding([4, ...families]);
  return off.map((key) => `set ${key.replaceAll('/', '.')} to 1`);
}

/** Lets the packets of every bridge pass; names what stopped them. */
export async function openBridges(networks: readonly HostNetwork[]): Promise<readonly string[]> {
  const done: string[] = [];
  for (const { conf } of networks) {
    const spec = forwardSpecOf(conf);
    const gaps = await forwardGaps(spec, UNBOUNDED);
    if (gaps.length === 0) continue;
    await openForward(spec, UNBOUNDED);
    done.push(...gaps.map((gap) => `${gap}: now accepted`));
  }
  return done;
}
