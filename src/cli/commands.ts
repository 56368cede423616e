import { FORWARDING, NETWORK, RELOAD } from './commands-network.ts';
import { IPAM } from './commands-ipam.ts';
import { JSON_OPTION, NETWORK_OPTIONS } from './options.ts';
import type { CommandSpec } from './spec.ts';

const INSTALL: CommandSpec = {
  name: 'install',
  summary: 'put the plugin, a network and their settings in place',
  description:
    'Copies this executable to /opt/cni/bin, makes it a command (/usr/local/bin/flatnet), writes a conflist (after the ' +
    'plugin itself has accepted it), a logrotate file, a sysctl file and, where systemd runs, a unit that puts rules ' +
    'back. A conflist that is there already is kept, and so is any other of these files that somebody changed. Running ' +
    'it again changes nothing.',
  options: [
    { flags: '--root <dir>', description: 'install under this directory, for an image' },
    { flags: '--network <network>', description: 'name of the network (default: flatnet)' },
    ...NETWORK_OPTIONS,
    { flags: '--force', description: 'replace a conflist that is there, and keep a copy of it' },
    JSON_OPTION,
  ],
  examples: [
    'sudo flatnet install',
    'sudo flatnet install --network lab --subnet 10.87.9.0/24 --bridge lab-br0',
  ],
  rootBecause: 'writes to /opt/cni/bin and /etc',
  load: async () => (await import('./install/command.ts')).install,
};

const UNINSTALL: CommandSpec = {
  name: 'uninstall',
  summary: 'remove what install put in place',
  description:
    'Removes the installed files that were not changed since, and the bridge and the rules of the installed networks. ' +
    'The addresses in /var/lib/flatnet and the log stay.',
  options: [
    { flags: '--root <dir>', description: 'uninstall under this directory' },
    { flags: '--force', description: 'do so although containers are attached' },
    JSON_OPTION,
  ],
  rootBecause: 'removes files from /opt/cni/bin and /etc',
  load: async () => (await import('./install/uninstall.ts')).uninstall,
};

const STATUS: CommandSpec = {
  name: 'status',
  summary: 'show networks, addresses and the last errors',
  options: [
    { flags: '-w, --watch', description: 'redraw until interrupted' },
    { flags: '--interval <seconds>', description: 'how often to redraw', fallback: '2' },
    JSON_OPTION,
  ],
  examples: [
    'sudo flatnet status',
    'sudo flatnet status --watch',
    "sudo flatnet status --json | jq '.networks[].used'",
  ],
  rootBecause: 'reads the addresses and the packet filter',
  load: async () => (await import('./status/command.ts')).status,
};

const PS: CommandSpec = {
  name: 'ps',
  summary: 'list containers with their addresses, ports and uptime',
  options: [
    { flags: '-a, --all', description: 'stopped containers too' },
    { flags: '-f, --filter <filter>', description: 'name=, id=, image=, state=, network= or any text' },
    { flags: '-q, --quiet', description: 'print ids only' },
    JSON_OPTION,
  ],
  rootBecause: 'reads the addresses',
  load: async () => (await import('./status/ps.ts')).ps,
};

const DOCTOR: CommandSpec = {
  name: 'doctor',
  summary: 'find out what is wrong, and what to do about it',
  description:
    'Looks at the machine, the plugin, every network, the addresses, Podman and WSL2. Each finding comes with its ' +
    'evidence and a remedy to copy. --fix applies those that change nothing but what is broken: forwarding, rules, ' +
    'bridge, masquerade, dead entries, a damaged state file.',
  options: [
    { flags: '--fix', description: 'apply the safe remedies, then look again' },
    { flags: '--bundle <file>', description: 'also write everything support needs to know to a .tar.gz' },
    { flags: '-q, --quiet', description: 'print only what needs looking at' },
    JSON_OPTION,
  ],
  examples: [
    'sudo flatnet doctor',
    'sudo flatnet doctor --fix',
    'sudo flatnet doctor --bundle flatnet-support.tar.gz',
  ],
  load: async () => (await import('./doctor/command.ts')).doctor,
};

const LOGS: CommandSpec = {
  name: 'logs',
  summary: 'show what the plugin was asked and what came of it',
  args: [{ name: '[container]', description: 'name, or beginning of the id' }],
  options: [
    { flags: '-f, --follow', description: 'go on as lines come' },
    { flags: '-n, --lines <count>', description: 'show this many, or "all"', fallback: '100' },
    { flags: '--since <time>', description: '30s, 5m, 2h, 1d ago, or a time' },
    { flags: '--grep <pattern>', description: 'only lines that match the regular expression' },
    { flags: '--level <level>', description: 'only info, warn or error and above' },
    { flags: '--json', description: 'print the lines as they are in the file' },
  ],
  examples: ['sudo flatnet logs web1', 'sudo flatnet logs --level error --since 1d', 'sudo flatnet logs -f'],
  rootBecause: 'reads /var/log/flatnet',
  load: async () => (await import('./logs/command.ts')).logs,
};

const COMPLETION: CommandSpec = {
  name: 'completion',
  summary: 'print the completion of a shell',
  args: [{ name: '<shell>', description: 'which one', choices: ['bash', 'zsh', 'fish'] }],
  examples: ['source <(flatnet completion bash)', 'flatnet completion fish | source'],
  load: async () => (await import('./shell/command.ts')).completion,
};

const MAN: CommandSpec = {
  name: 'man',
  summary: 'print the manual page',
  examples: ['flatnet man | man -l -'],
  load: async () => (await import('./shell/command.ts')).man,
};

/** Everything a person can type. Each command's module is loaded when it is run, and only then. */
export const COMMANDS: readonly CommandSpec[] = [
  STATUS,
  PS,
  DOCTOR,
  LOGS,
  IPAM,
  NETWORK,
  FORWARDING,
  RELOAD,
  INSTALL,
  UNINSTALL,
  COMPLETION,
  MAN,
];
