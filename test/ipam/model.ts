import { IpamError } from '../../src/ipam/errors.ts';
import { allocate } from '../../src/ipam/allocate.ts';
import { decode, encode } from '../../src/ipam/codec.ts';
import { parsePool } from '../../src/ipam/config.ts';
import { assess, joinLinks, type Found } from '../../src/ipam/found.ts';
import { reclaim, release, retain } from '../../src/ipam/release.ts';
import type { State } from '../../src/ipam/state.ts';
import type { Allocation, Holders } from '../../src/ipam/types.ts';
import { attachment } from './fixtures.ts';

/*
 * A host with few addresses, and what everybody can see of it: which containers have a link with which addresses, who
 * is attaching right now, what the file says. The allocator runs as in the store; the disk is a buffer.
 */

/** Containers .2 to .6 without .4; .6 is for the container named "db" alone. */
export const POOL = parsePool({
  network: 'n',
  ipam: { subnet: '10.2.0.0/29', exclude: ['10.2.0.4'], reservations: { db: '10.2.0.6' } },
});
export const DYNAMIC = ['10.2.0.2', '10.2.0.3', '10.2.0.5'];
export const RESERVED = '10.2.0.6';

/** A host veth, as the kernel shows it: the attachment and its addresses are in its alias. */
interface Link {
  readonly allocation: Allocation;
  readonly netns: string;
}

export interface AddOptions {
  readonly container: string;
  readonly name?: string;
  readonly netns: string;
  readonly requested?: string;
  /** How the ADD goes on once it has its address: to the end, dies, or is still at it when the next command runs. */
  readonly then: 'finish' | 'die' | 'linger';
}

export class ModelHost {
  readonly links = new Map<string, Link>();
  /** Processes that are in the middle of an ADD, by pid. */
  readonly adding = new Map<number, AddOptions & { readonly allocation: Allocation }>();
  disk: Buffer | undefined;
  #boot = 1;
  #pid = 1;

  get holders(): Holders {
    return {
      isLive: ({ containerID, address }) => this.links.get(containerID)?.allocation.address === address,
      isRunning: ({ pid }) => this.adding.has(pid),
      strays: (known) => [...this.links.keys()].some((container) => !known.has(`fn${container}`)),
    };
  }

  /** The entries of the file, as anybody may read them now. */
  entries(): readonly Allocation[] {
    return [...this.#load().state.allocations.values()];
  }

  add(options: AddOptions): Allocation | IpamError {
    const pid = this.#pid++;
    const { container, name, netns, requested } = options;
    const request = {
      attachment: attachment(container),
      pool: POOL,
      hostIfname: `fn${container}`,
      netns: { path: `/run/netns/${netns}`, id: netns },
      creator: { pid, startTime: '1' },
      ...(name === undefined ? {} : { containerName: name }),
      ...(requested === undefined ? {} : { requested: [requested] }),
    };
    const outcome = this.#mutate((found) => allocate(found.state, request, found.view));
    if (outcome instanceof IpamError) return outcome;
    const allocation = outcome.allocations[0]!;
    this.links.delete(container); // what was replaced is cleared away before the new link is made
    if (options.then === 'finish') this.links.set(container, { allocation, netns });
    if (options.then === 'linger') this.adding.set(pid, { ...options, allocation });
    return allocation;
  }

  /** All that is in the middle of an ADD comes to its end, or dies. */
  settle(how: 'finish' | 'die'): void {
    for (const [pid, { container, netns, allocation }] of this.adding) {
      this.adding.delete(pid);
      if (how === 'finish') this.links.set(container, { allocation, netns });
    }
  }

  del(container: string): IpamError | undefined {
    const outcome = this.#mutate((found) =>
      release(found.state, { attachment: attachment(container) }, found.view),
    );
    if (outcome instanceof IpamError) return outcome;
    this.links.delete(container);
    return undefined;
  }

  gc(): readonly Allocation[] {
    return this.#free((found) => reclaim(found.state, {}, found.view));
  }

  retain(containers: readonly string[]): readonly Allocation[] {
    for (const container of this.links.keys()) {
      if (!containers.includes(container)) this.links.delete(container);
    }
    const valid = containers.map((containerID) => ({ containerID, ifname: 'eth0' }));
    return this.#free((found) => retain(found.state, { network: 'n', valid }, found.view));
  }

  /** The container's namespace goes away and nobody says so. */
  crash(container: string): void {
    this.links.delete(container);
  }

  reboot(): void {
    this.links.clear();
    this.adding.clear();
    this.#boot += 1;
  }

  get bootId(): string {
    // Boot ids are random: two differ nearly everywhere.
    return String.fromCodePoint(96 + (this.#boot % 20)).repeat(36);
  }

  #load(): Found {
    const decoded = this.disk === undefined ? undefined : decode(Buffer.from(this.disk));
    const now = '2026-01-02T03:04:05.000Z';
    const found = assess(decoded, {
      bootId: this.bootId,
      now,
      holders: this.holders,
      isComplete: false,
      verdict: 'last',
    });
    return found.isReliable
      ? found
      : joinLinks(
          found,
          [...this.links].map(([, link]) => linkAllocation(link)),
        );
  }

  #mutate<T extends { readonly state: State }>(reduce: (found: Found) => T): T | IpamError {
    const found = this.#load();
    const write = (state: State): void => {
      if (state !== found.original) this.disk = encode(state);
    };
    try {
      const outcome = reduce(found);
      write(outcome.state);
      return outcome;
    } catch (error) {
      write(found.state);
      if (error instanceof IpamError) return error;
      throw error;
    }
  }

  #free(reduce: (found: Found) => { state: State; freed: readonly Allocation[] }): readonly Allocation[] {
    const outcome = this.#mutate(reduce);
    if (outcome instanceof IpamError) throw outcome;
    return outcome.freed;
  }
}

/** What a link's alias carries: neither the process that made it nor the sandbox. */
function linkAllocation({ allocation }: Link): Allocation {
  const { creator: _creator, netns: _netns, ...rest } = allocation;
  return rest;
}
