import { defineCommand } from '../../command.ts';
import { EXIT, printJson } from '../../io.ts';
import { argument, flag } from '../../option.ts';
import { BACKEND_OPTION, JSON_OPTION, NETWORK_OPTIONS } from '../options.ts';

export const CREATE = defineCommand({
  name: 'create',
  summary: 'make a network',
  description:
    'Without options it gets the first free subnet of 10.87.1.0/24 to 10.87.254.0/24 and a bridge of its own. It is a ' +
    'conflist where Podman uses CNI, and on netavark the file that "podman network create -d flatnet" would write.',
  args: { name: argument('name of the network') },
  options: {
    ...NETWORK_OPTIONS,
    backend: BACKEND_OPTION,
    force: flag('use the subnet even if a route or another network overlaps it'),
    json: JSON_OPTION,
  },
  examples: [
    'sudo flatnet network create lab',
    'sudo flatnet network create lab --subnet 10.87.9.0/24 --no-masq',
  ],
  rootBecause: 'writes to the directory of networks',
  async run({ name, backend, force, json, ...request }, io) {
    const { createNetwork } = await import('../../network/create.ts');
    const created = await createNetwork(name, { ...request, backend, force }, await io.context());
    const { subnets, bridge, path } = created;
    if (json) printJson(io, created);
    else io.out(`Created network "${name}": ${subnets.join(', ')} on ${bridge} (${path})\n`);
    return EXIT.ok;
  },
});
