import { gatherFacts } from '../facts/gather.ts';
import { undescribed } from '../facts/hidden.ts';
import { EXIT, type Io, jsonText } from '../io.ts';
import { networkStatus, type NetworkStatus } from './model.ts';
import { lastErrors, renderStatus } from './render.ts';

/** Does not count parts that the first container creates. */
function needsAttention(network: NetworkStatus): boolean {
  const { attachments, state, isChanged, bridgeState, missingGateways } = network;
  const { ipMasq, masquerade, forwarding, missingRules } = network;
  if (attachments.some(({ link }) => link !== 'up')) return true;
  if (network.forgotten.length > 0 || network.names.state === 'failing') return true;
  if (state !== 'intact' && state !== 'missing') return true;
  if (isChanged) return true;
  if (bridgeState === 'absent') return false;
  if (missingGateways.length > 0) return true;
  return missingRules.length > 0 || forwarding === false || (ipMasq && masquerade === false);
}

function exitCodeFor(networks: readonly NetworkStatus[]): number {
  if (networks.length === 0) return EXIT.failure;
  const isDown = ({ attachments, bridgeState }: NetworkStatus) =>
    attachments.length > 0 && bridgeState !== 'up';
  if (networks.some(isDown)) return EXIT.failure;
  return networks.some(needsAttention) ? EXIT.warnings : EXIT.ok;
}

export async function look(
  isJson: boolean,
  io: Io,
): Promise<{ readonly text: string; readonly exitCode: number }> {
  const facts = await gatherFacts(await io.context(), 'quick');
  const networks = facts.networks.map((network) => networkStatus(facts, network));
  const others = undescribed(facts);
  const exitCode = Math.max(exitCodeFor(networks), others.length > 0 ? EXIT.warnings : EXIT.ok);
  if (!isJson) return { text: renderStatus(facts, { networks, isFine: exitCode === EXIT.ok }, io), exitCode };
  const errors = lastErrors(facts.log).map(({ raw }): unknown => JSON.parse(raw));
  return { text: jsonText({ networks, undescribed: others, errors }), exitCode };
}
