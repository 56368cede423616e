import type { Shape } from './shape.ts';
import type { NetworkSpec } from '../../attachment/spec.ts';

type Switch =
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

/** A network is gateway and default route by default, unlike the reference's; an internal one has no way out. */
export function switches(shape: Shape): Pick<NetworkSpec, Switch> {
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
