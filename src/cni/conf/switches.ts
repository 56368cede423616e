import type { Shape } from './shape.ts';
import { DOWN } from '../../attachment/no-addresses.ts';
import { refuseBesideUnmanaged } from '../../attachment/unmanaged.ts';
import type { NetworkSpec } from '../../attachment/spec.ts';

type Switch =
  | 'disableContainerInterface'
  | 'isUnmanaged'
  | 'isGateway'
  | 'isDefaultGateway'
  | 'forceAddress'
  | 'ipMasq'
  | 'ipMasqBackend'
  | 'hairpinMode'
  | 'promiscMode'
  | 'forwardAccept'
  | 'portIsolation'
  | 'macspoofchk'
  | 'ingressPolicy'
  | 'internal'
  | 'enabledad';

/** Keys that were switched on and need a bridge of flatnet's own. */
function ofManaged(shape: Shape): Readonly<Record<string, unknown>> {
  const { isGateway, promiscMode, forceAddress, ipMasq, forwardAccept, ingressPolicy = 'open' } = shape;
  const switched = { isGateway, promiscMode, forceAddress, ipMasq, forwardAccept };
  return {
    ...Object.fromEntries(Object.entries(switched).filter(([, value]) => value === true)),
    ...(ingressPolicy === 'open' ? {} : { ingressPolicy }),
  };
}

/** Of a network whose bridge is somebody else's; its gateway is a router of the LAN. */
function unmanaged(shape: Shape, where: string): Pick<NetworkSpec, Switch> {
  refuseBesideUnmanaged(ofManaged(shape), where);
  return {
    ...managed({
      ...shape,
      isGateway: false,
      isDefaultGateway: false,
      forwardAccept: false,
      internal: false,
    }),
    isUnmanaged: true,
    isDefaultGateway: shape.internal !== true && shape.isDefaultGateway !== false,
  };
}

/** @throws FlatnetError for keys that exclude each other. */
export function switches(shape: Shape, where: string): Pick<NetworkSpec, Switch> {
  const own = shape.mode === 'unmanaged' ? unmanaged(shape, where) : managed(shape);
  return shape.disableContainerInterface === true ? { ...own, ...DOWN } : own;
}

/** A network is gateway and default route by default, unlike the reference's; an internal one has no way out. */
function managed(shape: Shape): Pick<NetworkSpec, Switch> {
  const isGateway = shape.isGateway ?? true;
  const internal = shape.internal === true;
  const ingressPolicy = shape.ingressPolicy ?? 'open';
  return {
    isGateway: isGateway || shape.isDefaultGateway === true,
    isDefaultGateway: !internal && (shape.isDefaultGateway ?? isGateway),
    forceAddress: shape.forceAddress === true,
    ipMasq: !internal && shape.ipMasq === true,
    ipMasqBackend: shape.ipMasqBackend,
    hairpinMode: shape.hairpinMode === true,
    promiscMode: shape.promiscMode === true,
    forwardAccept: shape.forwardAccept ?? true,
    portIsolation: shape.portIsolation ?? ingressPolicy === 'isolated',
    macspoofchk: shape.macspoofchk === true,
    ingressPolicy,
    internal,
    enabledad: shape.enabledad === true,
  };
}
