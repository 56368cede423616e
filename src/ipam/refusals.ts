import { formatAddress, parseAddress } from '../input/address.ts';
import type { Ask } from './choose.ts';
import { IpamError } from './errors.ts';
import { describeSet, isDynamic } from './range.ts';
import { select, type State } from './state.ts';
import type { Allocation, Attachment, Creator } from './types.ts';

/** The requested address has a live holder: who, and since when. */
export function unavailableError(holder: Allocation): IpamError {
  const { address, network, containerID, containerName, ifname, time } = holder;
  const who =
    containerName === undefined
      ? `container ${containerID}`
      : `container "${containerName}" (${containerID})`;
  return new IpamError('unavailable', `Cannot allocate ${address} in network "${network}": ${who} has it`, {
    details: `Held by ${ifname} since ${time}. Stop that container, or ask for another address.`,
  });
}

/** The requested address is somebody's who is not in the state. */
export function takenError(network: string, address: string, holder: string): IpamError {
  return new IpamError(
    'unavailable',
    `Cannot allocate ${address} in network "${network}": ${holder} has it`,
    {
      details: 'Stop that container with the plugin that started it, or ask for another address.',
    },
  );
}

/** How many addresses are looked at to tell who has them; whoever has more need not be told each. */
const LOOKED_AT = 1024n;

/** Addresses of a set that somebody has who is not in the state: how many, and one of them. */
function describeOthers({ request, set }: Ask): string {
  const found = set.flatMap((range) => {
    const texts: string[] = [];
    const last = range.dynamic.first + LOOKED_AT;
    for (let value = range.dynamic.first; value <= range.dynamic.last && value < last; value += 1n) {
      const address = formatAddress({ family: range.family, value });
      const holder = isDynamic(range, value) ? request.takenBy?.(address, false) : undefined;
      if (holder !== undefined) texts.push(`${address} by ${holder}`);
    }
    return texts;
  });
  const [first] = found;
  return first === undefined ? '' : `, ${found.length} held by others (${first})`;
}

/** The requested address is kept for a container of another name. */
export function reservedError(network: string, address: string, owner: string): IpamError {
  const message = `Cannot allocate ${address} in network "${network}": it is reserved for container "${owner}"`;
  return new IpamError('unavailable', message, {
    details: `Ask for another address, or change ipam.reservations of network "${network}".`,
  });
}

/** No address left: how many are live, dead and reserved, and the command that helps. */
export function exhaustedError(state: State, ask: Ask, dead: readonly Allocation[]): IpamError {
  const { network, reservations } = ask.request.pool;
  const inSet = (address: string): boolean => {
    const parsed = parseAddress(address);
    return ask.set.some((range) => range.family === parsed?.family && isDynamic(range, parsed.value));
  };
  const held = select(state, (one) => one.network === network && inSet(one.address));
  const deadHere = dead.filter((one) => inSet(one.address)).length;
  const reserved = Object.values(reservations).flat().filter(inSet).length;
  return new IpamError(
    'exhausted',
    `Cannot allocate from ${describeSet(ask.set)} in network "${network}": no address left`,
    {
      details:
        `${held.length - deadHere} live, ${deadHere} dead, ${reserved} reserved${describeOthers(ask)}. Remove containers, widen the range, ` +
        `or see who holds what with "flatnet ipam list" and free what is dead with "flatnet ipam gc".`,
    },
  );
}

/** Another process is attaching it right now. */
export function busyError(what: string, attachment: Attachment, maker: Creator): IpamError {
  return new IpamError(
    'busy',
    `Cannot ${what} for ${nameOf(attachment)}: process ${maker.pid} is attaching it right now`,
    { details: 'Wait for that process to end and try again.' },
  );
}

/** The attachment has its addresses already, in this very sandbox. */
export function duplicateError({ address, time, ...attachment }: Allocation): IpamError {
  return new IpamError('duplicate', `Cannot allocate for ${nameOf(attachment)}: it has ${address} already`, {
    details: `Attached since ${time}. Delete that attachment (DEL) before adding it again.`,
  });
}

function nameOf({ network, containerID, ifname }: Attachment): string {
  return `${ifname} of container "${containerID}" in network "${network}"`;
}
