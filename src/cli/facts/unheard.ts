import { type InputState, inspectInput } from '../../firewall/input-gaps.ts';
import { familyOf } from '../../input/address.ts';
import type { Allocation } from '../../ipam/types.ts';
import { type Ask, expectAny, isAnswered, serverAt } from '../../names/question.ts';
import type { FilledZone } from '../../names/zone.ts';
import type { Context } from '../../sys/context.ts';
import { exchangeBySocket } from '../../sys/datagram.ts';
import { inNetns } from '../../sys/libc.ts';
import { closeNetns, openNetns } from '../../sys/netns.ts';
import { isConnectedPort } from '../../sys/sysctl.ts';

/** A container whose questions stay without an answer, though the server answers the host's. */
export interface Unheard {
  readonly container: Allocation;
  readonly address: string;
  readonly input: InputState;
}

/** For an answer to a container, in milliseconds, and how many to ask from. */
const HEAR_MS = 500;
const ASKED = 3;

/** Whether the server hears a container; `undefined` if it cannot be asked from there. */
async function isHeard(
  { netns, gateway }: Allocation,
  { zone, records }: FilledZone,
  ctx: Context,
): Promise<boolean | undefined> {
  const expectation = expectAny(records, zone.domain);
  if (netns === undefined || gateway === undefined || !zone.listen.includes(gateway)) return undefined;
  if (expectation === undefined) return undefined;
  try {
    const opened = openNetns(netns.path, ctx);
    try {
      if (opened.id !== netns.id) return undefined;
      // As containers ask: the packet filter leads the question to where the server listens.
      const server = serverAt({ address: gateway });
      const ask: Ask = (message, timeoutMs) =>
        Promise.resolve(inNetns(opened.fd, () => exchangeBySocket(server, message, timeoutMs)));
      return await isAnswered(ask, expectation, HEAR_MS);
    } finally {
      closeNetns(opened);
    }
  } catch {
    // Gone meanwhile.
    return undefined;
  }
}

/** Asks from the newest containers; nothing is said where one is heard, for a container may have a firewall of its own. */
export async function findUnheard(
  filled: FilledZone,
  allocations: readonly Allocation[],
  ctx: Context,
): Promise<Unheard | undefined> {
  const { network, bridge, listen } = filled.zone;
  // Without the C library no socket can be opened there.
  if (ctx.plain !== undefined) return undefined;
  // One whose port has left the bridge, or is down, reaches nobody, whatever firewalls do.
  const asked = allocations.filter(
    (one) => one.network === network && isConnectedPort(one.hostIfname ?? '', bridge),
  );
  let unheard: Omit<Unheard, 'input'> | undefined;
  for (const container of asked.slice(-ASKED)) {
    const heard = await isHeard(container, filled, ctx);
    if (heard === true) return undefined;
    if (heard === false) unheard = { container, address: container.gateway ?? '' };
  }
  if (unheard === undefined) return undefined;
  const family = familyOf(unheard.address);
  const addresses = listen.filter((address) => familyOf(address) === family);
  return { ...unheard, input: await inspectInput({ bridge, addresses }, ctx) };
}
