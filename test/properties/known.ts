import { DEFAULT_HOME, type NetworkName, type Port } from './networks.ts';
import type { Add, Del, Operation } from './operations.ts';

/*
 * Histories that went wrong once, as short as they became.
 */

/** One of them. */
export interface KnownHistory {
  /** What was wrong. */
  readonly title: string;
  readonly operations: readonly Operation[];
}

const WEB: Port = { hostPort: 20001, protocol: 'tcp' };
const LOCAL: Port = { ...WEB, hostIP: '127.0.0.1' };
const ALL4: Port = { ...WEB, hostIP: '0.0.0.0' };

function add(container: string, network: NetworkName, more: Partial<Add> = {}): Add {
  return { do: 'add', container, network, ports: [], checked: true, ...more };
}

function del(container: string, network: NetworkName): Del {
  return { do: 'del', container, network, hasNetns: true, isRepeated: true };
}

const die = (container: string): Operation => ({ do: 'die', container });
const RELOAD: Operation = { do: 'reload' };
const GC: Operation = { do: 'gc', home: DEFAULT_HOME };

/** In the order in which they were found. */
export const KNOWN: readonly KnownHistory[] = [
  {
    title: 'the port of a dead container leads to the next holder of its address',
    operations: [add('a', 'n0', { ports: [WEB] }), die('a'), add('b', 'n0', { requested: 2 })],
  },
  {
    title: 'a container that returns without ports has its old one again',
    operations: [add('a', 'n0', { ports: [WEB] }), die('a'), GC, add('a', 'n0'), del('a', 'n0')],
  },
  {
    title: 'an older allocations.json gives an address to a second container',
    operations: [
      add('a', 'n0'),
      del('a', 'n0'),
      add('a', 'n0', { requested: 3 }),
      { do: 'restore', home: DEFAULT_HOME, back: 2 },
      add('b', 'n0'),
    ],
  },
  {
    title: 'an older allocations.json takes the ports of a later attachment away, where /run is lost, too',
    operations: [
      add('c', 'n0'),
      die('c'),
      add('c', 'n0', { ports: [WEB] }),
      { do: 'forget' },
      { do: 'restore', home: DEFAULT_HOME, back: 3 },
      RELOAD,
    ],
  },
  {
    title:
      'an older allocations.json gives a later attachment ports that it has not, where /run is lost, too',
    operations: [
      add('c', 'n0', { ports: [WEB] }),
      die('c'),
      add('c', 'n0'),
      { do: 'forget' },
      { do: 'restore', home: DEFAULT_HOME, back: 3 },
      RELOAD,
    ],
  },
  {
    title: 'a data directory collects the entries of a network that has another one',
    operations: [add('a', 'n0'), add('b', 'n2'), del('a', 'n0'), del('b', 'n2')],
  },
  {
    title: 'a late DEL takes a port away from its new owner, which has another data directory',
    operations: [
      add('a', 'n0', { ports: [WEB] }),
      die('a'),
      add('b', 'n2', { ports: [WEB] }),
      del('a', 'n0'),
    ],
  },
  {
    title: 'the 127.0.0.1 port of a dead container hides the port of a live one',
    operations: [add('a', 'n0', { ports: [LOCAL] }), die('a'), add('b', 'n0', { ports: [ALL4] })],
  },
  {
    title: 'a port of 127.0.0.1 keeps the same container from publishing it everywhere by another network',
    operations: [add('a', 'n0', { ports: [LOCAL] }), add('a', 'n1', { ports: [WEB] })],
  },
  {
    title: 'a port is gone when the network that carries it is left',
    operations: [add('a', 'n0', { ports: [WEB] }), add('a', 'n1', { ports: [WEB] }), del('a', 'n0')],
  },
  {
    title: 'a container on two networks with a data directory each clashes with itself',
    operations: [add('a', 'n2', { ports: [WEB] }), add('a', 'n0', { ports: [WEB] }), del('a', 'n2')],
  },
  {
    title: 'a container on two networks, one of host-local, clashes with itself',
    operations: [add('a', 'n3', { ports: [WEB] }), add('a', 'n0', { ports: [WEB] }), del('a', 'n3')],
  },
  {
    title: 'a port everywhere and one of 127.0.0.1 go to two containers of two data directories',
    operations: [add('a', 'n2', { ports: [LOCAL] }), add('b', 'n0', { ports: [ALL4] })],
  },
  {
    title: 'a port everywhere and one of 127.0.0.1 go to two containers, one of host-local',
    operations: [add('a', 'n3', { ports: [LOCAL] }), add('b', 'n0', { ports: [ALL4] })],
  },
  {
    title: 'reload leaves out what another data directory remembers',
    operations: [add('a', 'n2', { ports: [WEB] }), { do: 'flush' }, RELOAD],
  },
  {
    title: 'a flushed chain stays empty when the next container publishes a port',
    operations: [
      add('a', 'n0', { ports: [WEB] }),
      ...[0, 1, 2, 3, 4, 5].map((which): Operation => ({ do: 'flush-chain', which })),
      add('b', 'n0', { ports: [{ ...WEB, hostPort: 20002 }] }),
    ],
  },
];
