import { chooseAddress, type Choice } from './choose.ts';
import { assignRequests } from './request.ts';
import { refuseOverlap } from './overlap.ts';
import { busyError, duplicateError } from './refusals.ts';
import { formatAddress } from '../input/address.ts';
import { free, hold, sameAttachment, select, type State } from './state.ts';
import type { Allocation, AllocateRequest, Reservation } from './types.ts';
import { isDead, otherCreator, type View } from './view.ts';

/**
 * The state is unchanged on an error.
 * @throws IpamError `duplicate`, `busy`, `unavailable`, `exhausted`, `config` (an unfit request), or what `admit`
 * throws.
 */
export function allocate(
  state: State,
  request: AllocateRequest,
  view: View,
): Reservation & { readonly state: State } {
  const replaced = takeOver(state, request, view);
  refuseOverlap(state, request, view);
  let next = free(state, replaced, view.now);
  request.admit?.(select(next, (allocation) => !isDead(allocation, view)));
  const allocations: Allocation[] = [];
  const reclaimed: Allocation[] = [];
  const requests = assignRequests(request.pool, request.requested ?? []);
  for (const [index, set] of request.pool.sets.entries()) {
    const choice = chooseAddress(next, { request, set, requested: requests[index], replaced }, view);
    const allocation = entryFor(choice, request, view);
    next = hold(free(next, choice.reclaimed, view.now), [allocation]);
    allocations.push(allocation);
    reclaimed.push(...choice.reclaimed);
  }
  return { state: next, allocations, replaced, reclaimed };
}

/** @throws IpamError `busy` or `duplicate`, if the attachment's own earlier entries forbid an ADD. */
function takeOver(state: State, request: AllocateRequest, view: View): readonly Allocation[] {
  const { attachment, creator } = request;
  const own = select(state, (allocation) => sameAttachment(allocation, attachment));
  const other = otherCreator(own, creator, view);
  if (other !== undefined) {
    throw busyError('allocate', attachment, other);
  }
  const duplicate = own.find(({ netns }) => netns?.id === request.netns?.id);
  if (duplicate !== undefined && view.isLive(duplicate)) {
    throw duplicateError(duplicate);
  }
  return own;
}

function entryFor(choice: Choice, request: AllocateRequest, view: View): Allocation {
  const { containerName, hostIfname, mac, netns, creator, data } = request;
  const { family, gateway, subnet } = choice.range;
  return {
    ...request.attachment,
    address: choice.address,
    prefix: subnet.prefix,
    ...(gateway === undefined ? {} : { gateway: formatAddress({ family, value: gateway }) }),
    ...(containerName === undefined ? {} : { containerName }),
    ...(hostIfname === undefined ? {} : { hostIfname }),
    ...(mac === undefined ? {} : { mac }),
    ...(netns === undefined ? {} : { netns }),
    time: view.now,
    ...(creator === undefined ? {} : { creator }),
    ...(data === undefined ? {} : { data }),
  };
}
