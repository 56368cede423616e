import { execFileSync } from 'node:child_process';
import { type Fields, servePlugin } from './plugin.ts';

interface Link {
  readonly address: string;
  readonly addr_info: readonly { readonly local: string; readonly prefixlen: number }[];
}

const ip = (...args: readonly string[]): string =>
  execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** Moves the device that the network names into the sandbox and back, as netavark's example host-device-plugin. */
servePlugin({
  create(network) {
    if ((network['network_interface'] ?? '') === '') throw new Error('no network interface is specified');
    return network;
  },
  setup(netns, { network }) {
    const { network_interface: name } = network as Fields;
    const [link] = JSON.parse(ip('-j', 'address', 'show', 'dev', name)) as readonly Link[];
    if (link === undefined) throw new Error(`no such device: ${String(name)}`);
    ip('link', 'set', 'dev', name, 'netns', netns);
    const subnets = link.addr_info.map(({ local, prefixlen }) => ({ ipnet: `${local}/${prefixlen}` }));
    return { interfaces: { [name]: { mac_address: link.address, subnets } } };
  },
  teardown(netns, { network }) {
    const { network_interface: name } = network as Fields;
    // The process that asks is in the namespace of the host.
    execFileSync(
      'nsenter',
      [`--net=${netns}`, 'ip', 'link', 'set', 'dev', name, 'netns', String(process.pid)],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
  },
});
