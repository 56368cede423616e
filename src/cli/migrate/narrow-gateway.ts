import { familyOf } from '../../input/address.ts';
import type { Loss, Narrowed } from './loss.ts';
import type { Field } from './meaning.ts';
import type { PooledSpec } from './routes.ts';

const FOREIGN = 'flatnet does not change a bridge that is not its own';

function lossIf(
  isLost: boolean,
  key: string,
  [value, why, change]: [unknown, string, Field],
): readonly Loss[] {
  return isLost ? [{ key, value, why, changes: [change] }] : [];
}

/** What was switched on and needs a bridge of flatnet's own. */
function lossesBeside(conf: PooledSpec): readonly Loss[] {
  const { internal, ipMasq, promiscMode, forceAddress, ingressPolicy, outbound } = conf;
  const masquerade = 'a bridge that is not flatnet’s own is not masqueraded';
  return [
    ...lossIf(internal, 'internal', [true, 'what leaves the bridge is up to its admin', 'internal']),
    ...lossIf(ipMasq, 'ipMasq', [true, masquerade, 'masquerade']),
    ...lossIf(promiscMode, 'promiscMode', [true, FOREIGN, 'promiscuous mode']),
    ...lossIf(forceAddress, 'forceAddress', [true, FOREIGN, 'forced address']),
    ...lossIf(ingressPolicy !== 'open', 'ingressPolicy', [ingressPolicy, FOREIGN, 'ingress policy']),
    ...outbound.flatMap((address) =>
      lossIf(true, `outbound_addr${familyOf(address)}`, [address, masquerade, 'source addresses']),
    ),
  ];
}

/** A network without a gateway becomes an unmanaged one, which the driver takes without these settings only. */
export function narrowGateway(conf: PooledSpec): Narrowed<PooledSpec> {
  if (conf.isGateway || conf.isUnmanaged === true) return { kept: conf, losses: [] };
  const why =
    'it becomes mode=unmanaged: the bridge has to be there before a container starts, and no port is published';
  const off = { internal: false, ipMasq: false, promiscMode: false, forceAddress: false };
  return {
    kept: { ...conf, ...off, ingressPolicy: 'open', outbound: [] },
    losses: [
      { key: 'isGateway', value: false, why, changes: ['who makes the bridge'] },
      ...lossesBeside(conf),
    ],
  };
}
