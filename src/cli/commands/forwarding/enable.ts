import { defineCommand } from '../../command.ts';
import { EXIT, printDone } from '../../io.ts';
import { flag } from '../../option.ts';
import { asTyped } from '../../self.ts';
import { JSON_OPTION } from '../options.ts';

export const ENABLE = defineCommand({
  name: 'enable',
  summary: 'enable forwarding and accept the packets of the bridges',
  description:
    'Sets net.ipv4.ip_forward and puts ACCEPT rules for every bridge at the top of FORWARD, so that they come before ' +
    "a firewall's final REJECT. Running it again changes nothing.",
  options: { persist: flag('also at every boot'), json: JSON_OPTION },
  rootBecause: 'changes sysctls and the packet filter',
  async run({ persist, json }, io) {
    const { forwardSpecOf } = await import('../../facts/networks.ts');
    const { enableSysctls, openBridges } = await import('../../forwarding/open.ts');
    const { persistenceOf, persistForwarding } = await import('../../forwarding/persist.ts');
    const { whyRulesAreLost } = await import('../../forwarding/render.ts');
    const { LAYOUT } = await import('../../layout.ts');
    const { requireNetworks } = await import('../../network/find.ts');
    const networks = await requireNetworks('enable forwarding');
    const families = networks.flatMap(({ conf }) => forwardSpecOf(conf).families);
    const done = [
      ...enableSysctls(families),
      ...(await openBridges(networks)),
      ...(persist ? await persistForwarding(LAYOUT, families) : []),
    ];
    const exitCode = printDone(io, json, done);
    const lost = persist ? whyRulesAreLost(persistenceOf(LAYOUT)) : undefined;
    if (lost === undefined) {
      if (done.length === 0 && !json) io.out('Nothing to do: forwarding is enabled already.\n');
      return exitCode;
    }
    io.err(`${lost.charAt(0).toUpperCase()}${asTyped(lost.slice(1))}\n`);
    return EXIT.warnings;
  },
});
