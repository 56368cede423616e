import type { OptionSpec } from './spec.ts';

/** What every command with something to tell has. */
export const JSON_OPTION: OptionSpec = { flags: '--json', description: 'print JSON, for programs' };

/** What a network can be made with, by `install` and by `network create`. */
export const NETWORK_OPTIONS: readonly OptionSpec[] = [
  { flags: '--subnet <cidr>', description: 'subnet of the network' },
  { flags: '--gateway <address>', description: "address of the bridge (default: the subnet's first)" },
  { flags: '--bridge <bridge>', description: 'name of the bridge' },
  { flags: '--no-masq', description: 'do not give what leaves the network the address of the host' },
];
