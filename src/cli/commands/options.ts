import { BACKENDS } from '../backend.ts';
import { argument, flag, oneOf, parsed, text } from '../option.ts';

export const JSON_OPTION = flag('print JSON, for programs');

export const NETWORK_OPTIONS = {
  subnet: text({ value: 'cidr', description: 'subnet of the network' }),
  gateway: text({ value: 'address', description: "address of the bridge (default: the subnet's first)" }),
  bridge: text({ value: 'bridge', description: 'name of the bridge' }),
  noMasq: flag('do not masquerade packets that leave the network'),
  disableDns: flag('do not serve the names of its containers'),
};

/** Which kind of network, where it is not to be the one that this Podman reads. */
export const BACKEND_OPTION = parsed(
  { value: 'backend', description: 'cni or netavark (default: the one that Podman on this host uses)' },
  (typed) => oneOf(BACKENDS, typed, '--backend'),
);

export const DATA_DIR = text({
  value: 'dir',
  description: 'directory of allocations.json (default: /var/lib/flatnet/ipam)',
  completion: 'files',
});

export const ONE_NETWORK = text({
  value: 'network',
  description: 'only for this network',
  completion: 'networks',
});

export const HOLDER = argument('an address, or the name or id of a container', 'containers');
