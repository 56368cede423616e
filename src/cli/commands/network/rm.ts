import { removeFile } from '../../../sys/files/text-file.ts';
import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';
import { printDone } from '../../io.ts';
import { argument, flag } from '../../option.ts';
import { JSON_OPTION } from '../options.ts';

export const RM = defineCommand({
  name: 'rm',
  summary: 'remove a network with its bridge, rules and addresses',
  description:
    '"podman network rm" deletes the file alone: bridge, rules and addresses stay behind. This removes all of it.',
  args: { network: argument('name of the network', 'networks') },
  options: { force: flag('even if containers are attached', 'f'), json: JSON_OPTION },
  rootBecause: 'removes the bridge',
  async run({ network: name, force, json }, io) {
    const { findNetworks, requireNetwork } = await import('../../network/find.ts');
    const { clearNetwork, usersOf, dependentsOf } = await import('../../network/remove.ts');
    const network = await requireNetwork(name);
    const users = force ? [] : [...new Set([...(await usersOf(network)), ...(await dependentsOf(network))])];
    if (users.length > 0) {
      throw new CliError(
        `Cannot remove network "${name}": ${users.join(', ')} ${users.length === 1 ? 'uses' : 'use'} it`,
        `sudo podman rm -f ${users.join(' ')}, or --force to cut them off`,
      );
    }
    const others = (await findNetworks()).filter((other) => other.name !== name);
    const done = await clearNetwork(network, others, await io.context());
    removeFile(network.path);
    return printDone(io, json, [...done, `removed ${network.path}`]);
  },
});
