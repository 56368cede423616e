import type { NET_CONF } from '../schema.ts';
import type { Infer } from '../../input/shape.ts';
import type { NetConf } from '../types.ts';

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

/** The policy of that name; who names none gets the open one. */
export function policyOf(name: string | undefined): NetConf['ingressPolicy'] {
  return name === 'same-bridge' || name === 'isolated' ? name : 'open';
}

/** The backend of that name. */
export function backendOf(name: string | undefined): NetConf['ipMasqBackend'] {
  return name === 'nftables' || name === 'iptables' ? name : undefined;
}

/**
 * Switches and their defaults. Unlike the reference, a network is a gateway and default route unless told not to; an
 * internal one leads nowhere, so it has no default route and nothing to masquerade.
 */
export function switches(shape: Infer<typeof NET_CONF>): Pick<NetConf, Switch> {
  const isGateway = shape.isGateway ?? true;
  const internal = shape.internal === true;
  const ingressPolicy = policyOf(shape.ingressPolicy);
  return {
    isGateway: isGateway || shape.isDefaultGateway === true,
    isDefaultGateway: !internal && (shape.isDefaultGateway ?? isGateway),
    forceAddress: shape.forceAddress === true,
    ipMasq: !internal && shape.ipMasq === true,
    ipMasqBackend: backendOf(shape.ipMasqBackend),
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
