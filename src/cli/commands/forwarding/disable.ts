import { UNBOUNDED } from '../../../sys/context.ts';
import { defineCommand } from '../../command.ts';
import { printDone } from '../../io.ts';
import { JSON_OPTION } from '../options.ts';

export const DISABLE = defineCommand({
  name: 'disable',
  summary: 'remove the rules and the files that make them persistent',
  description: 'net.ipv4.ip_forward stays on: other software may need it.',
  options: { json: JSON_OPTION },
  rootBecause: 'changes the packet filter',
  async run({ json }, io) {
    const { removeForward } = await import('../../../firewall/forward.ts');
    const { unpersist } = await import('../../forwarding/persist.ts');
    const { LAYOUT } = await import('../../layout.ts');
    const { requireNetworks } = await import('../../network/find.ts');
    const networks = await requireNetworks('disable forwarding');
    const bridges = [...new Set(networks.map(({ conf }) => conf.bridge))];
    for (const { conf } of networks) {
      await removeForward({ bridge: conf.bridge, zone: conf.firewalldZone }, UNBOUNDED);
    }
    const removed = bridges.map((bridge) => `removed the rules of ${bridge}`);
    return printDone(io, json, [...removed, ...unpersist(LAYOUT)]);
  },
});
