import type { Driver } from './driver.ts';

/** Why a case does not apply to a driver; `undefined` if it does. */
export type DriverNeed = (driver: Driver) => string | undefined;

/** What a configuration can declare in "capabilities". */
export type Capability =
  'subnets' | 'ipv6' | 'static_ips' | 'static_mac' | 'port_mappings' | 'routes' | 'internal';

/** The configuration declares that the driver does this. */
export const takes =
  (name: Capability): DriverNeed =>
  ({ capabilities }) =>
    capabilities[name] === true ? undefined : `the configuration does not declare the capability "${name}"`;

/** setup makes an interface, as a plain container showed. */
export const makesInterface: DriverNeed = ({ seen }) =>
  seen.interfaces ? undefined : 'the status block of a plain container lists no interface';

/** setup gives an address, as a plain container showed. */
export const givesAddress: DriverNeed = ({ seen }) =>
  seen.addresses ? undefined : 'the status block of a plain container lists no address';

/** setup names a gateway, as a plain container showed. */
export const namesGateway: DriverNeed = ({ seen }) =>
  seen.gateway ? undefined : 'the status block of a plain container names no gateway';

/** create chooses a subnet where none is asked for. */
export const choosesSubnet: DriverNeed = ({ seen }) =>
  seen.choosesSubnets ? undefined : 'create chooses no subnet';

/** A network serves more than one container at a time. */
export const isShared: DriverNeed = ({ capabilities }) =>
  capabilities['exclusive'] === true
    ? 'the configuration declares "exclusive": a network serves one container at a time'
    : undefined;

/** The driver refuses addresses itself; where Podman chooses them, Podman does. */
export const choosesAddresses: DriverNeed = ({ seen, asked }) =>
  seen.addresses && asked['ipam_options'] === undefined
    ? undefined
    : 'the configuration says by "ipam_options" who chooses the addresses';
