import type { Sandbox } from '../host.ts';
import type { Fields } from './driver.ts';
import { sentNetwork, type Network } from './network.ts';

/** One entry of `port_mappings`. */
export interface PortMapping {
  readonly container_port: number;
  readonly host_port: number;
  readonly host_ip: string;
  readonly protocol: string;
  readonly range: number;
}

/** A container in a network: what Podman knows of it. */
export interface DriverAttachment {
  readonly sandbox: Sandbox;
  /** The path that setup and teardown get. */
  readonly netns: string;
  readonly network: Network;
  readonly containerID: string;
  readonly containerName: string;
  readonly ifname: string;
  readonly ips: readonly string[] | null;
  readonly mac: string | null;
  readonly ports: readonly PortMapping[] | null;
}

/** The object that netavark writes on stdin of setup and teardown: every key there, `null` where nothing is asked. */
export function requestOf(attachment: DriverAttachment): Fields & { readonly network: Fields } {
  const { network, containerID, containerName, ifname, ips, mac, ports } = attachment;
  return {
    container_id: containerID,
    container_name: containerName,
    port_mappings: ports,
    network: sentNetwork(network),
    network_options: {
      aliases: [containerID.slice(0, 12)],
      interface_name: ifname,
      static_ips: ips,
      static_mac: mac,
      options: null,
    },
  };
}
