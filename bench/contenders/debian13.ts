import { PLAIN_ENVIRONMENT } from '../../conformance/exec.ts';
import type { Host } from '../../conformance/host.ts';
import { LAB, requestOf } from '../../test/fixtures/driver.ts';
import { DRIVER_DIRECTORY, DRIVER_PLACE, ensureRoot, enterRoot } from '../../test/podman5/root.ts';
import { STOPWATCH, type Timed } from '../stopwatch.ts';
import { type Contender, hostPort, type Slot, withHost } from './contender.ts';

/** Where Debian 13 puts netavark 1.14. */
const NETAVARK = '/usr/lib/podman/netavark';
const CONFIG_DIRECTORY = '/run/containers/networks';

/** The network of Podman 5 that every container is on unless told otherwise: a bridge without names. */
const BRIDGE = {
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

type Verb = 'setup' | 'teardown';
type Call = (verb: Verb, slot: Slot) => Timed;

/** A call of netavark as Podman makes it, for a container on one network, with one port. */
function netavarkCall(
  network: Readonly<Record<string, unknown>> & { name: string },
  ips?: (slot: Slot) => string,
): Call {
  return (verb, slot) => ({
    argv: [
      NETAVARK,
      '--config',
      CONFIG_DIRECTORY,
      '--plugin-directory',
      DRIVER_DIRECTORY,
      verb,
      slot.sandbox.path,
    ],
    env: PLAIN_ENVIRONMENT,
    input: JSON.stringify({
      container_id: slot.containerID,
      container_name: `c${slot.number}`,
      port_mappings: [
        { host_ip: '', host_port: hostPort(slot), container_port: 80, range: 1, protocol: 'tcp' },
      ],
      networks: {
        [network.name]: { interface_name: 'eth0', static_ips: ips === undefined ? null : [ips(slot)] },
      },
      network_info: { [network.name]: network },
    }),
  });
}

/** A call of the driver as netavark makes it. */
const driverCall: Call = (verb, slot) => ({
  argv: [DRIVER_PLACE, verb, slot.sandbox.path],
  env: PLAIN_ENVIRONMENT,
  input: JSON.stringify(
    requestOf({
      containerID: slot.containerID,
      name: `c${slot.number}`,
      ports: [{ host_port: hostPort(slot), container_port: 80 }],
    }),
  ),
});

async function contender(name: string, executable: string, call: Call): Promise<Contender> {
  const tree = await ensureRoot();
  const enter = (host: Host) =>
    enterRoot(host, tree, [
      { file: executable, place: DRIVER_PLACE },
      { file: STOPWATCH, place: STOPWATCH },
    ]);
  const plan = {
    name,
    add: (slot: Slot) => [call('setup', slot)],
    del: (slot: Slot) => [call('teardown', slot)],
  };
  const made = await withHost(plan, enter);
  await made.host.run(['mkdir', '-p', CONFIG_DIRECTORY]);
  return made;
}

/** flatnet as a driver, called as netavark calls it. */
export const driver = (executable: string) => contender('flatnet', executable, driverCall);

/** netavark that calls flatnet. */
export const netavarkWithDriver = (executable: string) =>
  contender('through netavark', executable, netavarkCall({ ...LAB, options: {} }));

/** netavark's own bridge. */
export const netavarkBridge = (executable: string) =>
  contender(
    'bridge',
    executable,
    netavarkCall(BRIDGE, ({ number }) => `10.88.${1 + (number >> 8)}.${number & 255}`),
  );
