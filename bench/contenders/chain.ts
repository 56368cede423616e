import { cniCall, type Contender, hostPort, type Slot, withHost } from './contender.ts';

const DIRECTORY = '/usr/lib/cni';

/** Podman's default network, /etc/cni/net.d/87-podman.conflist of Podman 4. */
export const DEFAULT_CONFLIST = {
  cniVersion: '0.4.0',
  name: 'podman',
  plugins: [
    {
      type: 'bridge',
      bridge: 'cni-podman0',
      isGateway: true,
      ipMasq: true,
      hairpinMode: true,
      ipam: {
        type: 'host-local',
        routes: [{ dst: '0.0.0.0/0' }],
        ranges: [[{ subnet: '10.88.0.0/16', gateway: '10.88.0.1' }]],
      },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
    { type: 'firewall' },
    { type: 'tuning' },
  ],
} as const;

/** How a plugin of the chain is configured, as libcni does: the list's name and version, and what came before it. */
function configure(plugin: { readonly type: string }, slot: Slot, more: Readonly<Record<string, unknown>>) {
  const { cniVersion, name } = DEFAULT_CONFLIST;
  const portMappings = [{ hostPort: hostPort(slot), containerPort: 80, protocol: 'tcp' }];
  return {
    ...plugin,
    cniVersion,
    name,
    ...('capabilities' in plugin ? { runtimeConfig: { portMappings } } : {}),
    ...more,
  };
}

/** Podman's default chain of Debian's containernetworking-plugins, with one port, on a host of its own. */
export function chain(): Promise<Contender> {
  const call = (verb: string, slot: Slot, conf: Readonly<Record<string, unknown>> & { type: string }) =>
    cniCall(`${DIRECTORY}/${conf.type}`, { verb, slot, conf });
  return withHost({
    name: 'chain',
    add: (slot) =>
      DEFAULT_CONFLIST.plugins.map((plugin, index) =>
        call('ADD', slot, configure(plugin, slot, index === 0 ? {} : { prevResult: '@PREVIOUS@' })),
      ),
    del: (slot, added) =>
      DEFAULT_CONFLIST.plugins
        .toReversed()
        .map((plugin) => call('DEL', slot, configure(plugin, slot, { prevResult: JSON.parse(added) }))),
  });
}
