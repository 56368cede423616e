import { makeBench, type Bench } from './bench.ts';
import type { PluginConfiguration } from './configuration.ts';
import type { Need } from './needs.ts';
import { movePool } from './pool.ts';
import type { Subject } from './subject.ts';

const SUBNET = '10.211.0.0/24';

/** A second network on the host, which differs in name, bridge and addresses only. */
export function secondNetwork({ host, subject }: Bench): Bench {
  const plugins = subject.plugins.map((plugin) => withOtherBridge(movePool(plugin, SUBNET) ?? plugin));
  return makeBench({ ...subject, name: `${subject.name}-second`, plugins }, host);
}

/** Some plugin of the chain has addresses that the suite can move. */
export const hasSecondNetwork: Need = ({ plugins }: Subject) =>
  plugins.some((plugin) => movePool(plugin, SUBNET) !== undefined)
    ? undefined
    : 'the configuration has no IPv4 "ipam.subnet" or "ipam.ranges" to make a second network of';

function withOtherBridge(plugin: PluginConfiguration): PluginConfiguration {
  return typeof plugin['bridge'] === 'string' ? { ...plugin, bridge: 'conf-second0' } : plugin;
}
