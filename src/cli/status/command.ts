import { waitForEnd } from '../../sys/process/signals.ts';
import { gatherFacts } from '../facts/gather.ts';
import { undescribed } from '../facts/hidden.ts';
import { CliError } from '../failure.ts';
import { EXIT, type Io, printJson } from '../io.ts';
import { isSet, type Call, textOf } from '../spec.ts';
import { networkStatus, type NetworkStatus } from './model.ts';
import { lastErrors, renderStatus } from './render.ts';

/** Whether something needs looking at; what comes with the first container is not missed before. */
function isOdd(network: NetworkStatus): boolean {
  const { attachments, state, isChanged, bridgeState, missingGateways } = network;
  const { ipMasq, masquerade, forwarding, missingRules } = network;
  if (attachments.some(({ link }) => link !== 'up')) return true;
  if (network.forgotten.length > 0) return true;
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
  return networks.some(isOdd) ? EXIT.warnings : EXIT.ok;
}

async function look(call: Call, io: Io): Promise<{ readonly text: string; readonly exitCode: number }> {
  const facts = await gatherFacts('quick');
  const networks = facts.networks.map((network) => networkStatus(facts, network));
  const others = undescribed(facts);
  const exitCode = Math.max(exitCodeFor(networks), others.length > 0 ? EXIT.warnings : EXIT.ok);
  if (!isSet(call, 'json'))
    return { text: renderStatus(facts, { networks, isFine: exitCode === EXIT.ok }, io), exitCode };
  const errors = lastErrors(facts.log).map(({ raw }): unknown => JSON.parse(raw));
  let text = '';
  printJson({ ...io, out: (part) => (text += part) }, { networks, undescribed: others, errors });
  return { text, exitCode };
}

const HOME_AND_CLEAR = '\u001b[H\u001b[J';

async function watch(call: Call, io: Io): Promise<number> {
  const seconds = Number(textOf(call, 'interval') ?? '2');
  if (!(seconds >= 0.5)) throw new CliError('Cannot watch: --interval takes seconds, 0.5 or more');
  for (;;) {
    const { text, exitCode } = await look(call, io);
    io.out(`${io.isTerminal ? HOME_AND_CLEAR : ''}${text}\n`);
    if (io.isTerminal) io.out(`Refreshing every ${seconds} s. Press Ctrl+C to end.\n`);
    if (await waitForEnd(seconds * 1_000)) return exitCode;
  }
}

/** `flatnet status`. */
export async function status(call: Call, io: Io): Promise<number> {
  if (isSet(call, 'watch')) return watch(call, io);
  const { text, exitCode } = await look(call, io);
  io.out(text);
  return exitCode;
}
