import type { Allocation } from '../../ipam/types.ts';
import { type Facts, LOOKED_AT } from './facts.ts';
import { byAddress } from './networks.ts';

/** Addresses in use on networks that no readable file defines, for instance after the network was renamed by hand. */
export function undescribed({ states, networks }: Pick<Facts, 'states' | 'networks'>): readonly Allocation[] {
  const names = new Set(networks.map(({ network }) => network.name));
  const found = new Map<string, Allocation>();
  for (const allocation of states.flatMap(({ allocations }) => allocations)) {
    // A link whose directory lost its state may appear in another directory's rebuilt state.
    if (!names.has(allocation.network)) found.set(`${allocation.network}/${allocation.address}`, allocation);
  }
  return [...found.values()].toSorted(byAddress);
}

const LISTED: readonly string[] = [LOOKED_AT.links, LOOKED_AT.containers];

/** One sentence for each network or state file that cannot be read. */
export function unreadable({ files, states }: Pick<Facts, 'files' | 'states'>): readonly string[] {
  const broken = files.flatMap((file) => {
    if (file.kind !== 'broken' || !file.isOurs) return [];
    const { message } = file.problem;
    return [message.includes(file.path) ? message : `Cannot use ${file.path}: ${message}`];
  });
  const refused = states.flatMap(({ condition, problem }) =>
    condition === 'unreadable' && problem !== undefined ? [problem] : [],
  );
  return [...broken, ...refused];
}

/** Reasons why containers or addresses may be missing from the output, one sentence each. */
export function whyIncomplete(facts: Facts): readonly string[] {
  const others = facts.unseen
    .filter(({ what }) => LISTED.includes(what))
    .map(({ what, why }) => `Cannot inspect ${what}: ${why}`);
  return [...unreadable(facts), ...others];
}
