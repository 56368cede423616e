import { type Fields, isFields } from '../../input/parse.ts';
import { type Loss, objectAt, unknownInList, unknownKeys } from './loss.ts';
import { LABELS, pluginOf } from './source.ts';

/** Where a network that came from netavark keeps what CNI has no word for; libcni passes over `args`. */
export const STAMP = 'netavark';

/** Keys of a list that say how plugins are called, which is netavark's affair there. */
const LIST_KEYS = ['cniVersion', 'cniVersions', 'name', 'plugins', 'args', 'disableCheck', 'disableGC'];

/** Keys of flatnet's entry that have a word in a network of netavark, or that say nothing there. */
export const PLUGIN_KEYS = [
  ...['type', 'name', 'cniVersion', 'capabilities', 'bridge', 'isGateway', 'isDefaultGateway'],
  ...['forceAddress', 'ipMasq', 'ipMasqBackend', 'mtu', 'hairpinMode', 'promiscMode', 'forwardAccept'],
  ...['portIsolation', 'macspoofchk', 'ingressPolicy', 'internal', 'enabledad', 'dns', 'ipam'],
  ...['ingressRate', 'ingressBurst', 'egressRate', 'egressBurst'],
  ...['mode', 'outbound_addr4', 'outbound_addr6', 'snat', 'masqAll', 'firewalldZone', 'names'],
  ...['promisc', 'allmulti', 'txQLen', 'sysctl', 'disableContainerInterface'],
];
const RANGE_KEYS = ['subnet', 'rangeStart', 'rangeEnd', 'gateway', 'exclude'];
const ROUTE_KEYS = ['dst', 'gw', 'mtu', 'advmss', 'priority', 'table', 'scope'];
const NAMES_KEYS = ['server', 'domain', 'host'];
const DNS_KEYS = ['nameservers', 'domain', 'search', 'options'];
export const IPAM_KEYS = [
  ...['type', 'subnet', 'rangeStart', 'rangeEnd', 'gateway', 'ranges', 'exclude', 'reservations'],
  ...['routes', 'dns', 'resolvConf', 'dataDir', 'allowOverlap'],
];

/** Keys that the plugin refuses unless they say nothing. */
const SWITCHED_OFF = [
  ...['vlan', 'vlanTrunk', 'preserveDefaultVlan'],
  ...['conditionsV4', 'conditionsV6', 'iptablesAdminChainName'],
];

/** Keys of flatnet's entry that flatnet reads, but not as a driver. */
const WITHOUT_WORD: Readonly<Record<string, string>> = {
  mac: 'netavark has a MAC for one container only: podman run --mac-address',
  hostInterfaceName: 'netavark has it for one container only: --network NAME:host_interface_name=',
  args: 'netavark has no arguments of the network for a container; podman run --ip and --mac-address have',
  runtimeConfig: 'it comes from the runtime, with each container',
  prevResult: 'it comes from the runtime, with each container',
  'cni.dev/valid-attachments': 'it comes from the runtime',
};

/** What the other plugins of a list are there for, where flatnet does it itself. */
const OTHERS: Readonly<Record<string, string>> = {
  portmap: 'netavark calls no other plugin; flatnet publishes ports itself',
  bandwidth: 'netavark calls no other plugin; the options ingress-rate and egress-rate are for limits',
  firewall: 'netavark calls no other plugin; the option ingress-policy isolates',
  tuning:
    'netavark calls no other plugin; the options sysctl.KEY, promisc, allmulti, txqlen and mtu set the same, podman run --mac-address the MAC',
};

/** Keys of a file may be named like built-ins. */
function wordOf(words: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(words, key) ? words[key] : undefined;
}

function otherPlugins({ plugins }: Fields): readonly Loss[] {
  const others: readonly unknown[] = Array.isArray(plugins) ? plugins.slice(1) : [];
  return others.map((value, index) => {
    const type = isFields(value) && typeof value['type'] === 'string' ? value['type'] : '';
    const why = wordOf(OTHERS, type) ?? 'netavark calls no other plugin';
    return { key: `plugins[${index + 1}]`, value, why };
  });
}

/** The plugin refuses these keys unless they are switched off. */
function saysSomething({ key }: Loss): boolean {
  return !SWITCHED_OFF.includes(key);
}

function lossesOfPlugin(plugin: Fields): readonly Loss[] {
  return unknownKeys(plugin, PLUGIN_KEYS)
    .filter(saysSomething)
    .map((loss) => ({ ...loss, why: wordOf(WITHOUT_WORD, loss.key) ?? loss.why }));
}

function lossesOfIpam(ipam: Fields): readonly Loss[] {
  const sets: readonly unknown[] = Array.isArray(ipam['ranges']) ? ipam['ranges'] : [];
  return [
    ...unknownKeys(ipam, IPAM_KEYS, 'ipam.'),
    ...sets.flatMap((set, index) => unknownInList(set, RANGE_KEYS, `ipam.ranges[${index}]`)),
    ...unknownInList(ipam['routes'], ROUTE_KEYS, 'ipam.routes'),
    ...unknownKeys(ipam['dns'], DNS_KEYS, 'ipam.dns.'),
  ];
}

function lossesOfArgs(args: Fields): readonly Loss[] {
  const labels = Object.entries(objectAt(args, LABELS)).filter(([, value]) => typeof value !== 'string');
  return [
    ...unknownKeys(args, [LABELS, STAMP], 'args.').map((loss) => ({
      ...loss,
      why: 'flatnet does nothing with it',
    })),
    ...labels.map(([name, value]) => ({ key: `args.${LABELS}.${name}`, value, why: 'a label is a text' })),
  ];
}

/** What of a conflist's keys a network of netavark has no word for, in the order of the file's parts. */
export function conflistLosses(fields: Fields): readonly Loss[] {
  const plugin = pluginOf(fields);
  return [
    ...unknownKeys(fields, LIST_KEYS),
    ...lossesOfArgs(objectAt(fields, 'args')),
    ...lossesOfPlugin(plugin),
    ...unknownKeys(plugin['dns'], DNS_KEYS, 'dns.'),
    ...unknownKeys(plugin['names'], NAMES_KEYS, 'names.'),
    ...lossesOfIpam(objectAt(plugin, 'ipam')),
    ...otherPlugins(fields),
  ];
}
