import fc from 'fast-check';
import { HOMES, NETWORK_NAMES, NETWORKS, type NetworkName, type Port } from './networks.ts';
import type { Add, Call, Del, Kind, Operation, Reload } from './operations.ts';

/** Few containers, so that the operations of a short history are about the same ones. */
const container = fc.constantFrom('a', 'a', 'a', 'a', 'b', 'b', 'b', 'b', 'c', 'c', 'd', 'e');
/** Calls that change nothing are made now and then. */
const isRepeated = fc.constantFrom(false, false, false, false, false, true);
const network = fc.constantFrom(...NETWORK_NAMES);
const home = fc.constantFrom(...HOMES);

/** Mostly one and the same port, or none. */
const port: fc.Arbitrary<Port> = fc.record(
  {
    hostPort: fc.constantFrom(20001, 20001, 20001, 20002, 20003),
    protocol: fc.constantFrom('tcp', 'tcp', 'tcp', 'udp'),
    hostIP: fc.constantFrom('127.0.0.1', '0.0.0.0'),
  },
  { requiredKeys: ['hostPort', 'protocol'] },
);
const ports: fc.Arbitrary<readonly Port[]> = fc.oneof(
  fc.constantFrom<readonly Port[]>([], [{ hostPort: 20001, protocol: 'tcp' }]),
  fc.uniqueArray(port, {
    maxLength: 2,
    size: 'max',
    // A container that publishes one port twice is another matter.
    selector: ({ hostPort, protocol }) => `${protocol} ${hostPort}`,
  }),
);

const add: fc.Arbitrary<Add> = fc.record({
  do: fc.constant('add'),
  container,
  network,
  ports,
  requested: fc.constantFrom(undefined, undefined, undefined, 2, 2, 3),
  checked: fc.boolean(),
  isRepeated,
});
const del: fc.Arbitrary<Del> = fc.record({
  do: fc.constant('del'),
  container,
  network,
  hasNetns: fc.boolean(),
  isRepeated,
});
const reload: fc.Arbitrary<Reload> = fc.record({ do: fc.constant('reload') });

/** Calls of one container are never made at once by a runtime. */
const together = fc
  .uniqueArray(fc.oneof(reload, add, del), {
    minLength: 2,
    maxLength: 3,
    size: 'max',
    selector: (call) => (call.do === 'reload' ? 'reload' : call.container),
  })
  .map((calls) => ({ do: 'together' as const, lanes: calls.map((call) => [call]) }));

const WEIGHTED: Readonly<Record<Kind, { weight: number; arbitrary: fc.Arbitrary<Operation> }>> = {
  add: { weight: 9, arbitrary: add },
  del: { weight: 3, arbitrary: del },
  die: { weight: 3, arbitrary: fc.record({ do: fc.constant('die'), container: container }) },
  check: { weight: 1, arbitrary: fc.record({ do: fc.constant('check'), container, network }) },
  reload: { weight: 2, arbitrary: reload },
  gc: { weight: 1, arbitrary: fc.record({ do: fc.constant('gc'), home }) },
  collect: {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('collect'),
      network,
      without: fc.constantFrom(undefined, 'a', 'b'),
    }),
  },
  restore: {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('restore'), home, back: fc.integer({ min: 1, max: 3 }) }),
  },
  lose: { weight: 1, arbitrary: fc.record({ do: fc.constant('lose'), home }) },
  flip: {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('flip'),
      home,
      at: fc.nat(999),
      bit: fc.nat(7),
    }),
  },
  flush: { weight: 1, arbitrary: fc.record({ do: fc.constant('flush') }) },
  'flush-chain': { weight: 1, arbitrary: fc.record({ do: fc.constant('flush-chain'), which: fc.nat(7) }) },
  cut: { weight: 1, arbitrary: fc.record({ do: fc.constant('cut'), network }) },
  forget: { weight: 1, arbitrary: fc.record({ do: fc.constant('forget') }) },
  together: { weight: 2, arbitrary: together },
};

/** What goes wrong only when one thing comes after another, with whatever happens before, between and after. */
const story: fc.Arbitrary<readonly Operation[]> = fc
  .record({ one: add, other: add, gc: fc.boolean() })
  .chain(({ one, other, gc }) => {
    const place = HOMES[NETWORK_NAMES.indexOf(one.network) % HOMES.length]!;
    const { container: who, network: where } = one;
    const died: Operation = { do: 'die', container: who };
    const deleted: Operation = { do: 'del', container: who, network: where, hasNetns: true };
    const collected: readonly Operation[] = gc ? [{ do: 'gc', home: place }] : [];
    return fc.constantFrom<readonly Operation[]>(
      // Its address goes to another one.
      [one, died, ...collected, { ...other, network: where, requested: 2 }],
      // It comes back and asks for something else.
      [one, died, ...collected, { ...one, ports: other.ports }],
      // Its port goes to another one before its DEL comes.
      [one, died, { ...other, ports: one.ports }, deleted],
      // It has another address by now.
      [one, deleted, { ...one, requested: 3 }, { do: 'restore', home: place, back: 2 }, other],
      // It leaves one of its networks.
      [one, { ...other, container: who, ports: one.ports }, deleted],
    );
  });

const STORY_KINDS: readonly Kind[] = ['add', 'del', 'die', 'gc', 'restore'];

/** What to make histories of. */
export interface Stock {
  readonly kinds?: readonly Kind[] | undefined;
  readonly networks?: readonly NetworkName[] | undefined;
}

/** The same operation on one of the few networks that a history is about, and where that one keeps its addresses. */
function relocate(operation: Operation, networks: readonly NetworkName[]): Operation {
  const at = (index: number): NetworkName => networks[index % networks.length]!;
  if (operation.do === 'together') {
    return {
      ...operation,
      lanes: operation.lanes.map((calls) => calls.map((call) => relocateCall(call, at))),
    };
  }
  if ('home' in operation) {
    const { home: place } = NETWORKS[at(HOMES.indexOf(operation.home))];
    return { ...operation, home: HOMES.find((one) => one === place) ?? HOMES[0] };
  }
  return 'network' in operation
    ? { ...operation, network: at(NETWORK_NAMES.indexOf(operation.network)) }
    : operation;
}

function relocateCall(call: Call, at: (index: number) => NetworkName): Call {
  return call.do === 'reload' ? call : { ...call, network: at(NETWORK_NAMES.indexOf(call.network)) };
}

/** What happens on a host, in order: as long as a person can follow, on a few networks. */
export function histories({ kinds = KINDS, networks = NETWORK_NAMES }: Stock = {}): fc.Arbitrary<
  readonly Operation[]
> {
  const operation = fc.oneof(...kinds.map((kind) => WEIGHTED[kind])).map((one) => [one]);
  // Stories take all kinds that they are made of.
  const tellsAll = STORY_KINDS.every((kind) => kinds.includes(kind));
  const part = tellsAll
    ? fc.oneof({ weight: 6, arbitrary: operation }, { weight: 1, arbitrary: story })
    : operation;
  const rest = fc.array(part, { minLength: 1, maxLength: 6, size: 'max' }).map((parts) => parts.flat());
  const few = fc.shuffledSubarray([...networks], { minLength: 1, maxLength: Math.min(2, networks.length) });
  return fc
    .tuple(few, add, rest)
    .map(([chosen, first, others]) => [first, ...others].map((one) => relocate(one, chosen)));
}

/** All kinds of operations. */
export const KINDS = Object.keys(WEIGHTED) as readonly Kind[];
