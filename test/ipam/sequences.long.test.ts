import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode } from '../../src/ipam/state/decode.ts';
import { IpamError } from '../../src/ipam/errors.ts';
import type { Allocation } from '../../src/ipam/types.ts';
import { Directory, DYNAMIC, Kernel, ModelHost, RESERVED, type AddOptions } from './model.ts';

const SEQUENCES = 4_000;

const NAMES: Readonly<Record<string, string>> = { a: 'web', b: 'web', c: 'db', d: 'db' }; // e has none
const container = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const address = fc.constantFrom(
  '10.2.0.1',
  '10.2.0.2',
  '10.2.0.3',
  '10.2.0.4',
  '10.2.0.5',
  '10.2.0.6',
  '10.2.0.7',
);

/** Two networks of one data directory, and one with a directory of its own. */
const network = fc.constantFrom(0, 0, 0, 1, 2);

const action = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      container,
      netns: fc.constantFrom('x', 'y'),
      requested: fc.option(address, { nil: undefined, freq: 4 }),
      then: fc.constantFrom('finish' as const, 'finish' as const, 'die' as const, 'linger' as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('del' as const), container }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('crash' as const), container }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      how: fc.constantFrom('finish' as const, 'die' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reboot' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('gc' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('retain' as const),
      containers: fc.subarray(['a', 'b', 'c', 'd', 'e']),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('corrupt' as const),
      how: fc.constantFrom('cut' as const, 'flip' as const, 'remove' as const, 'edit' as const),
      at: fc.double({ min: 0, max: 0.999, noNaN: true }),
      bit: fc.nat(7),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('copy' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('restore' as const), which: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forget' as const) }) },
);
type Command = typeof action extends fc.Arbitrary<infer T> ? T : never;
const command = fc.record({ action, network });

/** What the model knows besides the host: who had an address last, as far as no damage made it be forgotten. */
interface Memory {
  readonly lastAddress: Map<string, string>;
  readonly lastOwner: Map<string, string>;
}

const isLive = (host: ModelHost, entry: Allocation): boolean =>
  host.holders.isLive(entry) || (entry.creator !== undefined && host.holders.isRunning(entry.creator));

/** The kind of error an ADD must end with, or the addresses it may get. */
function expectedOf(host: ModelHost, add: AddOptions): string | readonly string[] {
  const entries = host.entries();
  const own = entries.filter((entry) => entry.containerID === add.container);
  const taken = entries
    .filter((entry) => !own.includes(entry) && isLive(host, entry))
    .map((entry) => entry.address);
  if (own.some((entry) => entry.creator !== undefined && host.holders.isRunning(entry.creator)))
    return 'busy';
  if (own.some((entry) => entry.netns?.id === add.netns && host.holders.isLive(entry))) return 'duplicate';
  const mayHave = add.name === 'db' ? [RESERVED, ...DYNAMIC] : DYNAMIC;
  if (add.requested !== undefined) {
    if (![RESERVED, ...DYNAMIC].includes(add.requested)) return 'config';
    return mayHave.includes(add.requested) && !taken.includes(add.requested)
      ? [add.requested]
      : 'unavailable';
  }
  if (add.name === 'db' && !taken.includes(RESERVED)) return [RESERVED];
  const free = mayHave.filter((one) => !taken.includes(one));
  return free.length === 0 ? 'exhausted' : free;
}

/** The address the container must get back: nobody had it since, and nobody holds it. */
function stickyOf(host: ModelHost, add: AddOptions, { lastAddress, lastOwner }: Memory): string | undefined {
  const last = lastAddress.get(add.container);
  if (last === undefined || lastOwner.get(last) !== add.container || add.requested !== undefined)
    return undefined;
  const isHeld = host
    .entries()
    .some((entry) => entry.address === last && entry.containerID !== add.container);
  return isHeld || last === RESERVED || add.name === 'db' ? undefined : last;
}

function checkAdd(host: ModelHost, add: AddOptions, memory: Memory): void {
  const expected = expectedOf(host, add);
  const sticky = stickyOf(host, add, memory);
  const others = [...host.links].filter(([container]) => container !== add.container);
  const inUse = [
    ...others.map(([, link]) => link.allocation.address),
    ...[...host.adding.values()].map((one) => one.allocation.address),
  ];
  const outcome = host.add(add);
  if (outcome instanceof IpamError) {
    expect(outcome.kind).toEqual(expected);
    return;
  }
  expect(expected).toContain(outcome.address);
  expect(inUse).not.toContain(outcome.address);
  if (sticky !== undefined) expect(outcome.address).toBe(sticky);
  memory.lastAddress.set(add.container, outcome.address);
  memory.lastOwner.set(outcome.address, add.container);
}

function entriesIn({ network }: ModelHost, entries: readonly Allocation[]): readonly Allocation[] {
  return entries.filter((entry) => entry.network === network);
}

/** Containers that have a link and not the entry that belongs to it. */
function lostOf(host: ModelHost, entries: readonly Allocation[]): readonly string[] {
  const addresses = new Map(entriesIn(host, entries).map((entry) => [entry.containerID, entry.address]));
  return [...host.links.keys()].filter(
    (container) => addresses.get(container) !== host.links.get(container)?.allocation.address,
  );
}

function corrupt({ directory }: ModelHost, { how, at, bit }: Extract<Command, { do: 'corrupt' }>): void {
  const content = directory.file;
  if (content === undefined) return;
  const index = Math.floor(at * content.length);
  if (how === 'remove') directory.file = undefined;
  if (how === 'cut') directory.file = Buffer.from(content.subarray(0, index));
  if (how === 'flip') content[index] = content[index]! ^ (1 << bit);
  if (how === 'edit') {
    const { state } = decode(Buffer.from(content));
    const kept = [...state.allocations].filter((_, position) => position % 2 === bit % 2);
    const document = { version: 1, bootId: state.bootId, allocations: Object.fromEntries(kept) };
    directory.file = Buffer.from(JSON.stringify(document, null, 2));
  }
}

function run(host: ModelHost, step: Command, memory: Memory): void {
  const entriesOf = (container: string) => host.entries().filter((entry) => entry.containerID === container);
  switch (step.do) {
    case 'add': {
      const name = NAMES[step.container];
      const { requested, ...rest } = step;
      const options = {
        ...rest,
        ...(name === undefined ? {} : { name }),
        ...(requested === undefined ? {} : { requested }),
      };
      checkAdd(host, options, memory);
      break;
    }
    case 'del':
      if ([...host.adding.values()].some((one) => one.container === step.container)) {
        expect(host.del(step.container)?.kind).toBe('busy');
        break;
      }
      expect(host.del(step.container)).toBeUndefined();
      expect(entriesOf(step.container)).toEqual([]);
      break;
    case 'crash':
      host.crash(step.container);
      break;
    case 'settle':
      host.settle(step.how);
      break;
    case 'reboot':
      host.kernel.reboot();
      if (host.directory.file !== undefined && decode(Buffer.from(host.directory.file)).page)
        expect(host.entries()).toEqual([]);
      break;
    case 'gc':
      host.gc();
      expect(host.entries().filter((entry) => !isLive(host, entry))).toEqual([]);
      break;
    case 'retain':
      host.retain(step.containers);
      expect(
        host
          .entries()
          .filter((entry) => !step.containers.includes(entry.containerID) && !isLive(host, entry)),
      ).toEqual([]);
      break;
    case 'corrupt':
      // An address whose link is not there yet is in the file alone: what is being made is brought to its end first.
      host.settle('finish');
      corrupt(host, step);
      break;
    case 'copy':
      if (host.directory.file !== undefined) host.directory.copies.push(Buffer.from(host.directory.file));
      break;
    case 'restore': {
      host.settle('finish');
      const copy = host.directory.copies.at(-1 - step.which);
      if (copy === undefined) break;
      host.directory.file = Buffer.from(copy);
      host.directory.isBlind ||= host.directory.note === undefined;
      break;
    }
    case 'forget':
      host.directory.note = undefined;
      host.directory.isBlind = host.directory.copies.length > 0;
      break;
  }
}

/** Entries of live containers in the file of a directory that is not theirs. */
function strayedOf(host: ModelHost, entries: readonly Allocation[]): readonly string[] {
  return entries
    .filter((entry) => isLive(host, entry) && !host.directory.networks.has(entry.network))
    .map(({ network, address }) => `${network}/${address}`);
}

/** Live containers of which something is remembered that an earlier life of theirs asked for. */
function revivedOf(host: ModelHost, entries: readonly Allocation[]): readonly string[] {
  if (host.directory.isBlind) return [];
  return entriesIn(host, entries)
    .filter(({ containerID, data }) => {
      const link = host.links.get(containerID);
      return link !== undefined && data !== undefined && !isDeepStrictEqual(data, link.allocation.data);
    })
    .map(({ containerID }) => containerID);
}

/** Damage and old copies make a directory forget who had which address. */
const FORGETFUL: readonly Command['do'][] = ['corrupt', 'restore', 'forget'];

describe('any sequence of adds, deletes, crashes, reboots, damage and old copies, in two data directories', () => {
  it('gives nobody what another one has, loses nothing that lives, and gives what is free', () => {
    fc.assert(
      fc.property(fc.array(command, { minLength: 8, maxLength: 32, size: 'max' }), (steps) => {
        const kernel = new Kernel();
        const [one, two] = [new Directory(), new Directory()];
        const hosts = [
          new ModelHost(kernel, one, 'n'),
          new ModelHost(kernel, one, 'k'),
          new ModelHost(kernel, two, 'm'),
        ];
        const memories = hosts.map(() => ({ lastAddress: new Map(), lastOwner: new Map() }));
        for (const { action: step, network: at } of steps) {
          run(hosts[at]!, step, memories[at]!);
          if (FORGETFUL.includes(step.do)) for (const { lastOwner } of memories) lastOwner.clear();
          for (const host of hosts) {
            const entries = host.allEntries();
            expect([lostOf, strayedOf, revivedOf].flatMap((of) => of(host, entries))).toEqual([]);
          }
        }
      }),
      { numRuns: SEQUENCES },
    );
  }, 240_000);
});
