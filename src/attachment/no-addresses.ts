import { invalidValue } from '../input/parse.ts';
import type { Job, NetworkSpec, SourceIpam } from './spec.ts';

/*
 * `disableContainerInterface`: the interface in the sandbox is made and stays down, for a virtual machine or a program
 * that configures it. It gets no address, as in the reference bridge plugin.
 */

const nothing = () => Promise.resolve();

/** The source of no addresses. */
export const NO_ADDRESSES: SourceIpam = {
  from: 'source',
  type: '',
  name: 'no IPAM plugin',
  allocate: () => Promise.resolve({ ips: [], routes: [], dns: {} }),
  release: nothing,
  check: nothing,
  collect: nothing,
  ready: nothing,
};

/** Switches that go with it: without addresses there are no gateways, routes and rules, whatever else is asked for. */
export const DOWN = {
  disableContainerInterface: true,
  isGateway: false,
  isDefaultGateway: false,
  ipMasq: false,
  forwardAccept: false,
};

/** Completes "expected". */
export const WITHOUT_ADDRESSES = 'it left out: the interface of the container stays down and gets no address';

/** @throws FlatnetError for a check of addresses where there are none. */
export function refuseSpoofCheck({ name, disableContainerInterface, macspoofchk }: NetworkSpec): void {
  if (disableContainerInterface !== true || !macspoofchk) return;
  throw invalidValue('macspoofchk', true, {
    expected:
      'false beside "disableContainerInterface": it holds a container to its addresses, and there are none',
    where: `network "${name}"`,
  });
}

/** @throws FlatnetError for what needs an address, before anything is made. */
export function refuseAddresses({ network, spec }: Job): void {
  if (network.disableContainerInterface !== true) return;
  const where = `what is asked for one container of network "${network.name}"`;
  const [ip] = spec.requestedIPs;
  if (ip !== undefined) throw invalidValue('ips', ip, { expected: WITHOUT_ADDRESSES, where });
  refuseSpoofCheck(network);
}
