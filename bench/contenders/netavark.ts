import { PLAIN_ENVIRONMENT } from '../../conformance/exec.ts';
import type { Timed } from '../stopwatch.ts';
import { type Contender, hostPort, type Slot, withHost } from './contender.ts';

/** Where Debian puts it. */
const FILE = '/usr/lib/podman/netavark';
const CONFIG_DIRECTORY = '/run/containers/networks';

/** The network, as Podman describes it to netavark 1.x; addresses are Podman's business. */
const NETWORK = {
  name: 'podman',
  id: '2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9',
  driver: 'bridge',
  network_interface: 'podman0',
  subnets: [{ subnet: '10.88.0.0/16', gateway: '10.88.0.1' }],
  ipv6_enabled: false,
  internal: false,
  dns_enabled: false,
  ipam_options: { driver: 'host-local' },
};

function call(verb: 'setup' | 'teardown', slot: Slot): Timed {
  const address = `10.88.${1 + (slot.number >> 8)}.${slot.number & 255}`;
  return {
    argv: [FILE, '--config', CONFIG_DIRECTORY, verb, slot.sandbox.path],
    env: PLAIN_ENVIRONMENT,
    input: JSON.stringify({
      container_id: slot.containerID,
      container_name: `c${slot.number}`,
      port_mappings: [
        { host_ip: '', host_port: hostPort(slot), container_port: 80, range: 1, protocol: 'tcp' },
      ],
      networks: { podman: { interface_name: 'eth0', static_ips: [address] } },
      network_info: { podman: NETWORK },
    }),
  };
}

/** netavark with one port, on a host of its own. */
export async function netavark(): Promise<Contender> {
  const contender = await withHost({
    name: 'netavark',
    add: (slot) => [call('setup', slot)],
    del: (slot) => [call('teardown', slot)],
  });
  await contender.host.run(['mkdir', '-p', CONFIG_DIRECTORY]);
  return contender;
}
