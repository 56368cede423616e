import { formatAddress, parseAddress } from '../input/address.ts';
import { IpamError } from './errors.ts';
import { describeSet, dynamicValues, isDynamic } from './range.ts';
import type { SetRequest } from './request.ts';
import { select, type State } from './state.ts';
import type { Allocation, Attachment, Creator } from './types.ts';

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

/** The requested address is held by `holder`, which the state does not know. */
export function takenError(network: string, address: string, holder: string): IpamError {
  return new IpamError(
    'unavailable',
    `Cannot allocate ${address} in network "${network}": ${holder} has it`,
    {
      details: 'Stop that container with the plugin that started it, or ask for another address.',
    },
  );
}

/** Addresses looked up for the message about an exhausted set. */
const LOOKUP_LIMIT = 1024n;

/** Number of the set's addresses that others hold, with one example. */
function describeOthers({ request, set }: SetRequest): string {
  const found = set.flatMap((range) => {
    const texts: string[] = [];
    for (const value of dynamicValues(range)) {
      if (value >= range.dynamic.first + LOOKUP_LIMIT) break;
      const address = formatAddress({ family: range.family, value });
      const holder = request.takenBy?.(address, false);
      if (holder !== undefined) texts.push(`${address} by ${holder}`);
    }
    return texts;
  });
  const [first] = found;
  return first === undefined ? '' : `, ${found.length} held by others (${first})`;
}

export function reservedError(network: string, address: string, owner: string): IpamError {
  const message = `Cannot allocate ${address} in network "${network}": it is reserved for container "${owner}"`;
  return new IpamError('unavailable', message, {
    details: `Ask for another address, or change ipam.reservations of network "${network}".`,
  });
}

export function exhaustedError(state: State, setRequest: SetRequest, dead: readonly Allocation[]): IpamError {
  const { set } = setRequest;
  const { network, reservations } = setRequest.request.pool;
  const inSet = (text: string): boolean => {
    const address = parseAddress(text);
    return set.some((range) => range.family === address?.family && isDynamic(range, address.value));
  };
  const held = select(state, (one) => one.network === network && inSet(one.address));
  const deadHere = dead.filter((one) => inSet(one.address)).length;
  const reserved = Object.values(reservations).flat().filter(inSet).length;
  const numbers = `${held.length - deadHere} live, ${deadHere} dead, ${reserved} reserved`;
  return new IpamError(
    'exhausted',
    `Cannot allocate from ${describeSet(set)} in network "${network}": no address left`,
    {
      details:
        `${numbers}${describeOthers(setRequest)}. Remove containers, widen the range, ` +
        `or list the holders with "flatnet ipam list" and free what is dead with "flatnet ipam gc".`,
    },
  );
}

export function busyError(what: string, attachment: Attachment, creator: Creator): IpamError {
  return new IpamError(
    'busy',
    `Cannot ${what} for ${nameOf(attachment)}: process ${creator.pid} is attaching it right now`,
    { details: 'Wait for that process to end and try again.' },
  );
}

export function duplicateError({ address, time, ...attachment }: Allocation): IpamError {
  return new IpamError('duplicate', `Cannot allocate for ${nameOf(attachment)}: it has ${address} already`, {
    details: `Attached since ${time}. Delete that attachment (DEL) before adding it again.`,
  });
}

function nameOf({ network, containerID, ifname }: Attachment): string {
  return `${ifname} of container "${containerID}" in network "${network}"`;
}
