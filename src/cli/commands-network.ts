import { JSON_OPTION, NETWORK_OPTIONS } from './options.ts';
import type { CommandSpec } from './spec.ts';

/** `flatnet forwarding`. */
export const FORWARDING: CommandSpec = {
  name: 'forwarding',
  summary: 'let packets pass between containers and the world',
  commands: [
    {
      name: 'enable',
      summary: 'turn on forwarding and let the bridges pass the packet filter',
      description:
        'Sets net.ipv4.ip_forward and puts ACCEPT rules for every bridge at the top of FORWARD, so that they come before ' +
        "a firewall's final REJECT. Running it again changes nothing.",
      options: [{ flags: '--persist', description: 'do so at every boot too' }, JSON_OPTION],
      rootBecause: 'changes sysctls and the packet filter',
      load: async () => (await import('./forwarding/command.ts')).enable,
    },
    {
      name: 'disable',
      summary: 'take the rules and what makes them persistent away again',
      description: 'net.ipv4.ip_forward stays as it is: others may need it.',
      options: [JSON_OPTION],
      rootBecause: 'changes the packet filter',
      load: async () => (await import('./forwarding/command.ts')).disable,
    },
    {
      name: 'status',
      summary: 'show whether packets pass, and what stops them',
      options: [JSON_OPTION],
      rootBecause: 'reads the packet filter',
      load: async () => (await import('./forwarding/command.ts')).status,
    },
  ],
};

/** `flatnet network`. */
export const NETWORK: CommandSpec = {
  name: 'network',
  summary: 'list, make and remove networks of type flatnet',
  commands: [
    {
      name: 'ls',
      summary: 'list the networks',
      options: [JSON_OPTION],
      rootBecause: 'reads the addresses',
      load: async () => (await import('./network/command.ts')).list,
    },
    {
      name: 'inspect',
      summary: 'show all of a network as JSON',
      args: [{ name: '<network>', description: 'its name' }],
      options: [JSON_OPTION],
      rootBecause: 'reads the addresses',
      load: async () => (await import('./network/command.ts')).inspect,
    },
    {
      name: 'create',
      summary: 'make a network',
      description:
        'Without options it gets the first free subnet of 10.87.1.0/24 to 10.87.254.0/24 and a bridge of its own.',
      args: [{ name: '<name>', description: 'its name' }],
      options: [
        ...NETWORK_OPTIONS,
        { flags: '--force', description: 'take the subnet although a route or network overlaps it' },
        JSON_OPTION,
      ],
      examples: [
        'sudo flatnet network create lab',
        'sudo flatnet network create lab --subnet 10.87.9.0/24 --no-masq',
      ],
      rootBecause: 'writes to /etc/cni/net.d',
      load: async () => (await import('./network/command.ts')).create,
    },
    {
      name: 'rm',
      summary: 'remove a network with its bridge, rules and addresses',
      description:
        '"podman network rm" deletes the conflist alone: bridge, rules and addresses stay behind. This removes all of it.',
      args: [{ name: '<network>', description: 'its name' }],
      options: [{ flags: '-f, --force', description: 'also with containers attached' }, JSON_OPTION],
      rootBecause: 'removes the bridge',
      load: async () => (await import('./network/command.ts')).remove,
    },
  ],
};

/** `flatnet reload`. */
export const RELOAD: CommandSpec = {
  name: 'reload',
  summary: 'put back all rules after a firewall was reloaded or flushed',
  options: [
    {
      flags: '--data-dir <dir>',
      description: 'where the addresses are kept (default: /var/lib/flatnet/ipam)',
    },
    JSON_OPTION,
  ],
  examples: ['sudo flatnet reload'],
  rootBecause: 'writes to the packet filter',
  load: async () => (await import('./reload.ts')).reload,
};
