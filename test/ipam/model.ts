import { IpamError } from '../../src/ipam/errors.ts';
import { allocate } from '../../src/ipam/allocate.ts';
import { decode } from '../../src/ipam/state/decode.ts';
import { parsePool } from '../../src/ipam/config/config.ts';
import { assess, joinLinks, type Found } from '../../src/ipam/state/found.ts';
import { writePage } from '../../src/ipam/state/page.ts';
import { reclaim, release, retain } from '../../src/ipam/release.ts';
import type { State } from '../../src/ipam/state.ts';
import type { Allocation, Holders } from '../../src/ipam/types.ts';
import { commitNoted, judge, type Note } from '../../src/ipam/state/witness.ts';
import { attachment } from './fixtures.ts';

/*
 * A host with few addresses, and what everybody can see of it: which containers have a link with which addresses, who
 * is attaching right now, what the files say. The allocator runs as in the store; a data directory is a buffer.
 */

/** Containers .2 to .6 without .4; .6 is for the container named "db" alone. */
const poolOf = (network: string) =>
  parsePool({
    network,
    ipam: {
      subnet: '10.2.0.0/29',
      exclude: ['10.2.0.4'],
      reservations: { db: '10.2.0.6' },
      allowOverlap: true,
    },
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

type Adding = AddOptions & { readonly allocation: Allocation; readonly network: string };

/** What all networks of the host share, and what a reboot takes. */
export class Kernel {
  /** By network and container. */
  readonly links = new Map<string, Map<string, Link>>();
  /** Processes that are in the middle of an ADD, by pid. */
  readonly adding = new Map<number, Adding>();
  readonly directories: Directory[] = [];
  boot = 1;
  pid = 1;

  reboot(): void {
    for (const links of this.links.values()) links.clear();
    this.adding.clear();
    for (const directory of this.directories) directory.note = undefined;
    this.boot += 1;
  }
}

/** A data directory: its file, the note of what was written last, and copies that somebody made. */
export class Directory {
  file: Buffer | undefined;
  note: Note | undefined;
  readonly copies: Buffer[] = [];
  readonly networks = new Set<string>();
  /** Whether a copy was put back while no note could tell: what it remembers of ports is believed then. */
  isBlind = false;
}

/** One network of the host, with the data directory its addresses are kept in. */
export class ModelHost {
  readonly network: string;
  readonly directory: Directory;
  readonly kernel: Kernel;
  readonly links = new Map<string, Link>();

  constructor(kernel: Kernel, directory: Directory, network: string) {
    this.network = network;
    this.directory = directory;
    this.kernel = kernel;
    directory.networks.add(network);
    if (!kernel.directories.includes(directory)) kernel.directories.push(directory);
    kernel.links.set(network, this.links);
  }

  /** Those of this network. */
  get adding(): ReadonlyMap<number, Adding> {
    return new Map([...this.kernel.adding].filter(([, { network }]) => network === this.network));
  }

  get holders(): Holders {
    const { links, adding } = this.kernel;
    return {
      isLive: ({ network, containerID }) => links.get(network)?.has(containerID) === true,
      isRunning: ({ pid }) => adding.has(pid),
      strays: (known) => this.#own().some(({ allocation }) => !known.has(allocation.hostIfname ?? '')),
    };
  }

  /** All entries of the file, as anybody may read them now. */
  allEntries(): readonly Allocation[] {
    return [...this.#load().state.allocations.values()];
  }

  /** Those of the network. */
  entries(): readonly Allocation[] {
    return this.allEntries().filter(({ network }) => network === this.network);
  }

  add(options: AddOptions): Allocation | IpamError {
    const pid = this.kernel.pid++;
    const { container, name, netns, requested } = options;
    const request = {
      attachment: attachment(container, 'eth0', this.network),
      pool: poolOf(this.network),
      hostIfname: `fn${this.network}${container}`,
      netns: { path: `/run/netns/${netns}`, id: netns },
      creator: { pid, startTime: '1' },
      data: { life: pid },
      ...(name === undefined ? {} : { containerName: name }),
      ...(requested === undefined ? {} : { requested: [requested] }),
    };
    const outcome = this.#mutate((found) => allocate(found.state, request, found.view));
    if (outcome instanceof IpamError) return outcome;
    const allocation = outcome.allocations[0]!;
    this.links.delete(container); // what was replaced is cleared away before the new link is made
    if (options.then === 'finish') this.links.set(container, { allocation, netns });
    if (options.then === 'linger')
      this.kernel.adding.set(pid, { ...options, allocation, network: this.network });
    return allocation;
  }

  /** All that is in the middle of an ADD, in any network, comes to its end, or dies. */
  settle(how: 'finish' | 'die'): void {
    const { adding, links } = this.kernel;
    for (const [pid, { container, netns, allocation, network }] of adding) {
      adding.delete(pid);
      if (how === 'finish') links.get(network)?.set(container, { allocation, netns });
    }
  }

  del(container: string): IpamError | undefined {
    const outcome = this.#mutate((found) =>
      release(found.state, { attachment: attachment(container, 'eth0', this.network) }, found.view),
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
    return this.#free((found) => retain(found.state, { network: this.network, valid }, found.view));
  }

  /** The container's namespace goes away and nobody says so. */
  crash(container: string): void {
    this.links.delete(container);
  }

  get bootId(): string {
    // Boot ids are random: two differ nearly everywhere.
    return String.fromCodePoint(96 + (this.kernel.boot % 20)).repeat(36);
  }

  /** Links whose alias names the directory. */
  #own(): readonly Link[] {
    return [...this.directory.networks].flatMap((network) => [
      ...(this.kernel.links.get(network)?.values() ?? []),
    ]);
  }

  #load(): Found & { readonly present: string | undefined } {
    const { file, note } = this.directory;
    const decoded = file === undefined ? undefined : decode(Buffer.from(file));
    const now = '2026-01-02T03:04:05.000Z';
    const seal = decoded?.page?.seal;
    const verdict = seal === undefined ? 'unknown' : judge(note, seal);
    const { bootId, holders } = this;
    const found = assess(decoded, { bootId, now, holders, isComplete: false, verdict });
    const joined = found.isReliable ? found : joinLinks(found, this.#own().map(linkAllocation));
    return { ...joined, present: found.isTrusted ? seal : undefined };
  }

  #mutate<T extends { readonly state: State }>(reduce: (found: Found) => T): T | IpamError {
    const { directory } = this;
    const found = this.#load();
    const write = (state: State): void => {
      if (state === found.original) return;
      const page = writePage(state);
      const witness = {
        read: () => directory.note,
        write: (note: Note) => {
          directory.note = note;
        },
      };
      commitNoted({ seal: page.seal, present: found.present, witness }, () => {
        directory.file = Buffer.from(page.content);
      });
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

/** What a link's alias carries: neither the process that made it, nor the sandbox, nor its rules. */
function linkAllocation({ allocation }: Link): Allocation {
  const { creator: _creator, netns: _netns, data: _data, ...rest } = allocation;
  return rest;
}
