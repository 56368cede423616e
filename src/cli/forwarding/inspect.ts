import { UNBOUNDED } from '../../sys/context.ts';
import { forwardGaps } from '../../firewall/forward.ts';
import { readSysctl } from '../../sys/sysctl.ts';
import { forwardSpecOf } from '../facts/networks.ts';
import { LAYOUT } from '../layout.ts';
import type { HostNetwork } from '../network/host-network.ts';
import { persistenceOf } from './persist.ts';
import type { BridgeStatus, ForwardingStatus } from './render.ts';

/** Looks at what lets packets of these networks pass, now and after a restart. */
export async function inspectForwarding(networks: readonly HostNetwork[]): Promise<ForwardingStatus> {
  const bridges: BridgeStatus[] = [];
  for (const { conf } of networks) {
    bridges.push({ bridge: conf.bridge, gaps: await forwardGaps(forwardSpecOf(conf), UNBOUNDED) });
  }
  return {
    ipForward: readSysctl('net/ipv4/ip_forward') ?? 'unknown',
    bridges,
    persistent: persistenceOf(LAYOUT),
  };
}
