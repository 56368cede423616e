import { readText } from '../../../sys/files/text-file.ts';
import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';
import { EXIT, printJson } from '../../io.ts';
import { argument } from '../../option.ts';
import { JSON_OPTION } from '../options.ts';

export const INSPECT = defineCommand({
  name: 'inspect',
  summary: 'show everything about a network, as JSON',
  args: { network: argument('name of the network', 'networks') },
  options: { json: JSON_OPTION },
  rootBecause: 'reads the addresses',
  async run({ network: name }, io) {
    const { requireNetwork } = await import('../../network/find.ts');
    const { gatherFacts } = await import('../../facts/gather.ts');
    await requireNetwork(name);
    const facts = await gatherFacts(await io.context(), 'quick');
    const found = facts.networks.find(({ network }) => network.name === name);
    if (found === undefined)
      throw new CliError(
        `Cannot inspect network "${name}"`,
        facts.unseen.map(({ what, why }) => `${what}: ${why}`).join('\n'),
      );
    const { network, subnets, gateways, size, used, bridge, ports, rules, allocations, state } = found;
    const config: unknown = JSON.parse(readText(network.path) ?? 'null');
    printJson(io, {
      name,
      backend: network.backend,
      path: network.path,
      config,
      subnets,
      gateways,
      size: Number(size),
      used,
      bridge: bridge ?? null,
      ports: ports.map(({ ifname, master, operstate, mtu }) => ({ ifname, master, operstate, mtu })),
      masqueraded: rules?.nat.map(({ subnet }) => subnet) ?? null,
      missingRules: rules?.missing ?? null,
      allocations,
      state: { path: state.path, condition: state.condition },
    });
    return EXIT.ok;
  },
});
