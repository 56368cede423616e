import { createHost, type Host, type Sandbox } from './host.ts';
import { PLAIN, type Privacy } from './privacy.ts';

/** A throw-away host with an uplink: `eth0`, whose other end is in a namespace for the outside. */
export interface World extends Host {
  readonly outside: Sandbox;
}

/** The host's address on its uplink, and that of its neighbour, which has no route into the host. */
export const UPLINK = { device: 'eth0', address: '192.0.2.2', neighbour: '192.0.2.1', prefix: 24 } as const;

/**
 * Makes a host as a plugin finds it: an uplink, a default route, and no network yet. Paths in the tested configuration
 * are private to it.
 */
export async function createWorld({ overlays, tmpfs, inputs }: Privacy = PLAIN): Promise<World> {
  const host = await createHost({ overlays, tmpfs });
  try {
    for (const file of inputs) await host.expose(file);
    const outside = await host.addSandbox('outside');
    const { device, address, neighbour, prefix } = UPLINK;
    await host.run(['ip', '-batch', '-'], {
      input: [
        `link add ${device} type veth peer name ${device} netns outside`,
        `address add ${address}/${prefix} dev ${device}`,
        `link set dev ${device} up`,
        `route add default via ${neighbour}`,
      ].join('\n'),
    });
    await outside.run(['ip', '-batch', '-'], {
      input: [
        'link set dev lo up',
        `address add ${neighbour}/${prefix} dev ${device}`,
        `link set dev ${device} up`,
      ].join('\n'),
    });
    return { ...host, outside };
  } catch (cause) {
    await host.dispose();
    throw cause;
  }
}
