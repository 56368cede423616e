import type { Home, NetworkName, Port } from './networks.ts';

/** A runtime attaches a container to a network. */
export interface Add {
  readonly do: 'add';
  readonly container: string;
  readonly network: NetworkName;
  readonly ports: readonly Port[];
  /** The last number of the IPv4 address that is asked for. */
  readonly requested?: number | undefined;
  /** Whether a CHECK follows. */
  readonly checked?: boolean | undefined;
  /** Also where the container is attached already, which is refused. */
  readonly isRepeated?: boolean | undefined;
}

/** A runtime takes a container from a network; perhaps late, perhaps once more, perhaps without ever having added it. */
export interface Del {
  readonly do: 'del';
  readonly container: string;
  readonly network: NetworkName;
  /** Whether the sandbox is named. */
  readonly hasNetns: boolean;
  /** Also where there is nothing to take away. */
  readonly isRepeated?: boolean | undefined;
}

/** `flatnet reload`. */
export interface Reload {
  readonly do: 'reload';
}

/** What may run beside another. */
export type Call = Add | Del | Reload;

/** One thing that happens on a host. */
export type Operation =
  | Call
  /** The sandbox goes, and nobody says so. */
  | { readonly do: 'die'; readonly container: string }
  | { readonly do: 'check'; readonly container: string; readonly network: NetworkName }
  /** `flatnet ipam gc`. */
  | { readonly do: 'gc'; readonly home: Home }
  /** GC of the specification, with every live attachment of the network as valid, without those of one container. */
  | { readonly do: 'collect'; readonly network: NetworkName; readonly without?: string | undefined }
  /** allocations.json as it was some steps before. */
  | { readonly do: 'restore'; readonly home: Home; readonly back: number }
  | { readonly do: 'lose'; readonly home: Home }
  /** One bit of allocations.json, so many thousandths from its beginning. */
  | { readonly do: 'flip'; readonly home: Home; readonly at: number; readonly bit: number }
  | { readonly do: 'flush' }
  /** One chain of flatnet's, by its number. */
  | { readonly do: 'flush-chain'; readonly which: number }
  /** The bridge of a network is deleted. */
  | { readonly do: 'cut'; readonly network: NetworkName }
  /** /run/flatnet is removed. */
  | { readonly do: 'forget' }
  /** Several at once; of one lane one after another. */
  | { readonly do: 'together'; readonly lanes: readonly (readonly Call[])[] };

/** Kinds of operations. */
export type Kind = Operation['do'];

const portText = ({ hostPort, protocol, hostIP }: Port): string =>
  `${hostIP === undefined ? '' : `${hostIP}:`}${hostPort}/${protocol}`;

const flag = (name: string, isSet: boolean | undefined): string => (isSet === true ? ` ${name}` : '');

/** For people: `add a n0 127.0.0.1:20001/tcp .3`. */
export function describe(operation: Operation): string {
  if (operation.do === 'add') {
    const { container, network, ports, requested, checked, isRepeated } = operation;
    const words = [...ports.map(portText), ...(requested === undefined ? [] : [`.${requested}`])];
    const flags = flag('checked', checked) + flag('repeated', isRepeated);
    return [`add ${container} ${network}`, ...words].join(' ') + flags;
  }
  if (operation.do === 'del') {
    const { container, network, hasNetns, isRepeated } = operation;
    return `del ${container} ${network}${flag('with netns', hasNetns)}${flag('repeated', isRepeated)}`;
  }
  if (operation.do === 'together') {
    return operation.lanes.map((calls) => calls.map(describe).join(', ')).join(' & ');
  }
  const { do: what, ...rest } = operation;
  return [what, ...Object.values(rest)].join(' ');
}
