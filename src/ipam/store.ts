import { bootId } from '../sys/proc.ts';
import { isPresent } from '../sys/files/text-file.ts';
import { allocate } from './allocate.ts';
import { busyError } from './refusals.ts';
import { reclaim, release, retain, type Freed } from './release.ts';
import { sameAttachment, hold, type Released, select, type State } from './state.ts';
import { openFile, type Mutation, type StateFile } from './state/transaction.ts';
import type {
  AllocateRequest,
  Allocation,
  Attachment,
  Creator,
  Holders,
  Pool,
  Proof,
  Reservation,
  TakenBy,
} from './types.ts';
import { otherCreator, type View } from './view.ts';
import type { Witness } from './state/witness.ts';

export const DEFAULT_DATA_DIR = '/var/lib/flatnet/ipam';

export interface StoreOptions {
  /** Directory of allocations.json; created if missing, readable only by its owner. */
  readonly dataDir?: string;
  /** Milliseconds to wait for other processes before IpamError `locked`. Default 10 000. */
  readonly lockTimeoutMs?: number;
  /** Inspects the host, under the lock, whenever work begins. By default every allocation lives until released. */
  readonly holders?: () => Holders;
  /** Lists this directory's links to rebuild a lost or damaged file, under the lock; `known` are those in the file. */
  readonly recover?: (known: ReadonlySet<string>) => Promise<readonly Proof[]>;
  /** Notes which content was written last, to detect an older copy; none by default. */
  readonly witness?: Witness;
  /** Identity of this boot; default the kernel's. Allocations of another boot are void. */
  readonly bootId?: string;
  readonly now?: () => Date;
}

/** Fields of an allocation that may change. */
export type AllocationPatch = Partial<
  Pick<Allocation, 'containerName' | 'hostIfname' | 'mac' | 'netns' | 'creator' | 'data'>
>;

/** The addresses of one host. Every method is one transaction; any number of processes may share a directory. */
export interface Store {
  readonly path: string;
  /** Gives an attachment one address per range set. */
  readonly allocate: (request: AllocateRequest) => Promise<Reservation>;
  /**
   * Frees what the attachment has and returns it; nothing held is no error, being made by another process than
   * `creator` is (IpamError `busy`). `restore` puts back what `allocate` took over (`replaced`), where its holder lives.
   * `containerName` is the name to remember the addresses by, where the container was renamed.
   */
  readonly release: (
    attachment: Attachment,
    options?: { creator?: Creator; restore?: readonly Allocation[]; containerName?: string },
  ) => Promise<readonly Allocation[]>;
  /** Frees and returns the network's allocations whose attachments are not listed. */
  readonly retain: (
    network: string,
    valid: readonly Pick<Attachment, 'containerID' | 'ifname'>[],
  ) => Promise<readonly Allocation[]>;
  /** Frees and returns the allocations of dead holders; `dryRun` only returns them. */
  readonly reclaim: (options?: { network?: string; dryRun?: boolean }) => Promise<readonly Allocation[]>;
  /**
   * Changes the attachment's entries and returns them. Throws IpamError `busy` if a new `creator` would take the
   * attachment from another process that is making it.
   */
  readonly update: (attachment: Attachment, patch: AllocationPatch) => Promise<readonly Allocation[]>;
  /** Throws what `allocate` would throw for a new container, a full disk included; keeps nothing. */
  readonly probe: (pool: Pool, takenBy?: TakenBy) => Promise<void>;
  /** Rebuilds a missing, damaged or outdated state file, and its directory. */
  readonly repair: () => Promise<void>;
  /** Allocations in order of creation. Takes no lock and writes nothing. */
  readonly list: (filter?: { network?: string }) => Promise<readonly Allocation[]>;
  /** Free addresses and who had each last, in order of release. Takes no lock and writes nothing. */
  readonly remembered: (filter?: { network?: string }) => Promise<readonly Released[]>;
}

const everythingLives = (): Holders => ({ isLive: () => true, isRunning: () => false });

/** Reads and creates nothing before the first call of a method. */
export function openStore(options: StoreOptions = {}): Store {
  const { dataDir = DEFAULT_DATA_DIR } = options;
  const file = openFile({
    dataDir,
    timeoutMs: options.lockTimeoutMs ?? 10_000,
    bootId: () => options.bootId ?? bootId(),
    now: () => (options.now?.() ?? new Date()).toISOString(),
    holders: options.holders ?? everythingLives,
    recover: options.recover,
    witness: options.witness,
  });
  const free = async (label: string, reduce: Freeing): Promise<readonly Allocation[]> =>
    isPresent(dataDir) ? file.mutate(label, (state, view) => asMutation(reduce(state, view))) : [];
  return {
    path: file.path,
    allocate: (request) =>
      file.mutate(labelOf('allocate', request.attachment), (state, view) => {
        const { state: next, ...value } = allocate(state, request, view);
        return { state: next, value };
      }),
    release: (attachment, options = {}) =>
      free(labelOf('release', attachment), (state, view) => release(state, { attachment, ...options }, view)),
    retain: (network, valid) =>
      free(`retain ${network}`, (state, view) => retain(state, { network, valid }, view)),
    reclaim: ({ dryRun = false, ...filter } = {}) =>
      dryRun
        ? file.read((state, view) => reclaim(state, filter, view).freed)
        : free('reclaim', (state, view) => reclaim(state, filter, view)),
    update: (attachment, patch) =>
      file.mutate(labelOf('update', attachment), (state, view) => update(state, { attachment, patch }, view)),
    probe: (pool, takenBy) =>
      file.rehearse(
        `probe ${pool.network}`,
        (state, view) => allocate(state, probeRequest(pool, takenBy), view).state,
      ),
    repair: () => file.mutate('repair', (state) => ({ state, value: undefined })),
    ...readersOf(file),
  };
}

function readersOf({ read }: StateFile): Pick<Store, 'list' | 'remembered'> {
  const isOf = (network: string | undefined) => (one: Attachment) =>
    network === undefined || one.network === network;
  return {
    list: ({ network } = {}) => read((state) => select(state, isOf(network))),
    remembered: ({ network } = {}) => read((state) => [...state.released.values()].filter(isOf(network))),
  };
}

function probeRequest(pool: Pool, takenBy: TakenBy | undefined): AllocateRequest {
  const attachment = { network: pool.network, containerID: 'probe', ifname: 'probe' };
  return { attachment, pool, ...(takenBy === undefined ? {} : { takenBy }) };
}

type Freeing = (state: State, view: View) => Freed;

function labelOf(verb: string, { containerID, ifname }: Attachment): string {
  return `${verb} ${ifname} ${containerID}`;
}

function asMutation({ state, freed }: Freed): Mutation<readonly Allocation[]> {
  return { state, value: freed };
}

interface UpdateRequest {
  readonly attachment: Attachment;
  readonly patch: AllocationPatch;
}

function update(
  state: State,
  { attachment, patch }: UpdateRequest,
  view: View,
): Mutation<readonly Allocation[]> {
  const held = select(state, (one) => sameAttachment(one, attachment));
  const other = patch.creator === undefined ? undefined : otherCreator(held, patch.creator, view);
  if (other !== undefined) throw busyError('update', attachment, other);
  const changed = held.map((one) => ({ ...one, ...patch }));
  return { state: changed.length === 0 ? state : hold(state, changed), value: changed };
}
