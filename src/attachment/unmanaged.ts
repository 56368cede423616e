import { refuseOtherKind } from '../bridge/plan.ts';
import { FlatnetError } from '../input/error.ts';
import { invalidValue } from '../input/parse.ts';
import type { LinkInfo } from '../sys/link-info.ts';
import { hasLink } from '../sys/proc.ts';
import type { CallContext } from './context.ts';
import type { Job, NetworkSpec } from './spec.ts';

/* The bridge of an unmanaged network is somebody else's: flatnet puts ports into it, and does nothing else to it. */

/**
 * Refuses what would change the bridge, or what passes it.
 * @param asked settings that were asked for, as the user spells them, with the value.
 * @throws FlatnetError naming the first.
 */
export function refuseBesideUnmanaged(asked: Readonly<Record<string, unknown>>, where: string): void {
  const [first] = Object.entries(asked);
  if (first === undefined) return;
  const expected =
    'it left out beside mode "unmanaged": flatnet does not change a bridge that is somebody else\'s';
  throw invalidValue(first[0], first[1], { expected, where });
}

/** @throws FlatnetError if the bridge is not there, before anything is made. */
export function requireBridge({ name, bridge, isUnmanaged }: NetworkSpec): void {
  if (isUnmanaged !== true || hasLink(bridge)) return;
  throw new FlatnetError('bridge', `Cannot use bridge "${bridge}" of network "${name}": it is not there`, {
    details: `the network has mode=unmanaged, so flatnet does not make it: ip link add ${bridge} type bridge; ip link set ${bridge} up`,
  });
}

/** The bridge as it is. @throws BridgeConflictError if it is none. */
export function foreignBridge({ network, ctx }: Job, there: LinkInfo | undefined): LinkInfo {
  if (there === undefined) throw new Error(`Bridge "${network.bridge}" vanished while the pair was made`);
  refuseOtherKind(network.bridge, there);
  if (!there.flags.includes('UP')) warnDown(network, ctx);
  return there;
}

function warnDown({ name, bridge }: NetworkSpec, { trace }: CallContext): void {
  trace.warnings.push(
    `Bridge "${bridge}" of the unmanaged network "${name}" is down: ip link set dev ${bridge} up`,
  );
}
