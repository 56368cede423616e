import { defineCommand } from '../../command.ts';
import { EXIT, printJson } from '../../io.ts';
import { argument, flag } from '../../option.ts';
import { JSON_OPTION, NETWORK_OPTIONS } from '../options.ts';

export const CREATE = defineCommand({
  name: 'create',
  summary: 'make a network',
  description:
    'Without options it gets the first free subnet of 10.87.1.0/24 to 10.87.254.0/24 and a bridge of its own.',
  args: { name: argument('name of the network') },
  options: {
    ...NETWORK_OPTIONS,
    force: flag('use the subnet even if a route or another network overlaps it'),
    json: JSON_OPTION,
  },
  examples: [
    'sudo flatnet network create lab',
    'sudo flatnet network create lab --subnet 10.87.9.0/24 --no-masq',
  ],
  rootBecause: 'writes to /etc/cni/net.d',
  async run({ name, force, json, ...request }, io) {
    const { requireUnused } = await import('../../network/find.ts');
    const { networkDirectories } = await import('../../network/directory.ts');
    const { completeRequest } = await import('../../network/request.ts');
    const { installConflist } = await import('../../install/install.ts');
    const { cni: directory } = networkDirectories();
    requireUnused(name);
    const network = await completeRequest(name, { ...request, force }, await io.context());
    const { path } = installConflist({ directory, network, force: false, now: new Date() });
    if (json) printJson(io, { ...network, path });
    else io.out(`Created network "${name}": ${network.subnet} on ${network.bridge} (${path})\n`);
    return EXIT.ok;
  },
});
