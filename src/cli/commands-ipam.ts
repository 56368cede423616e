import { JSON_OPTION } from './options.ts';
import type { CommandSpec, OptionSpec } from './spec.ts';

const DATA_DIR: OptionSpec = {
  flags: '--data-dir <dir>',
  description: 'directory of allocations.json (default: /var/lib/flatnet/ipam)',
};
const OF_NETWORK: OptionSpec = { flags: '--network <network>', description: 'only of this network' };
const NAME = [{ name: '<name>', description: 'an address, or the name or id of a container' }];
const REASON = 'reads the addresses';

/** `flatnet ipam`. */
export const IPAM: CommandSpec = {
  name: 'ipam',
  summary: 'see and mend which container has which address',
  commands: [
    {
      name: 'list',
      summary: 'list the addresses in use and whether their containers are there',
      options: [OF_NETWORK, DATA_DIR, JSON_OPTION],
      rootBecause: REASON,
      load: async () => (await import('./ipam/command.ts')).list,
    },
    {
      name: 'show',
      summary: 'show all that is known of an address or container, as JSON',
      args: NAME,
      options: [DATA_DIR, JSON_OPTION],
      rootBecause: REASON,
      load: async () => (await import('./ipam/command.ts')).show,
    },
    {
      name: 'release',
      summary: 'free the addresses of a container that is gone',
      args: NAME,
      options: [
        { flags: '-f, --force', description: 'although its container is there' },
        DATA_DIR,
        JSON_OPTION,
      ],
      rootBecause: 'changes the addresses',
      load: async () => (await import('./ipam/command.ts')).release,
    },
    {
      name: 'gc',
      summary: 'free the addresses of all containers that are gone',
      options: [{ flags: '--dry-run', description: 'only show them' }, OF_NETWORK, DATA_DIR, JSON_OPTION],
      rootBecause: 'changes the addresses',
      load: async () => (await import('./ipam/command.ts')).gc,
    },
    {
      name: 'verify',
      summary: 'compare the addresses with the links of the host',
      options: [OF_NETWORK, DATA_DIR, JSON_OPTION],
      rootBecause: REASON,
      load: async () => (await import('./ipam/command.ts')).verify,
    },
    {
      name: 'repair',
      summary: 'rebuild a damaged allocations.json from the links',
      options: [DATA_DIR, JSON_OPTION],
      rootBecause: 'changes the addresses',
      load: async () => (await import('./ipam/command.ts')).repair,
    },
  ],
};
