import { LARGEST_QUEUE } from '../../attachment/parse-link.ts';
import { hostNameProblem } from '../../attachment/parse-names.ts';
import { count, flag, type Read } from './read-option.ts';

/** What options say of the interface in the container. */
export interface LinkChoices {
  /** Of the interface; `promisc-mode` is the bridge's. */
  readonly linkPromisc?: boolean;
  readonly allmulti?: boolean;
  readonly txQLen?: number;
  readonly hostInterfaceName?: string;
  /** The interface stays down and gets no address. */
  readonly isDisabled?: boolean;
  /** By key, as it was spelled. */
  readonly sysctls?: Readonly<Record<string, string>>;
}

interface LinkOption {
  readonly read: Read<LinkChoices>;
  readonly inContainer?: true;
  readonly isOfContainer?: true;
}

export const LINK_OPTIONS: Readonly<Record<string, LinkOption>> = {
  promisc: { read: flag((linkPromisc) => ({ linkPromisc })), inContainer: true },
  allmulti: { read: flag((allmulti) => ({ allmulti })), inContainer: true },
  txqlen: { read: count(0, LARGEST_QUEUE, (txQLen) => ({ txQLen })), inContainer: true },
  'disable-container-interface': { read: flag((isDisabled) => ({ isDisabled })) },
  host_interface_name: {
    read: (hostInterfaceName) => {
      const problem = hostNameProblem(hostInterfaceName);
      return problem === undefined ? { hostInterfaceName } : { expected: `another name: ${problem}` };
    },
    inContainer: true,
    isOfContainer: true,
  },
  sysctl: {
    read: () => ({ expected: 'the key in the name of the option: "sysctl.net.core.somaxconn=512"' }),
    inContainer: true,
  },
};

const SYSCTL = 'sysctl.';

/** `-o sysctl.net.core.somaxconn=512`: a value may contain commas, so each key is an option. */
export function sysctlOf(name: string): string | undefined {
  return name.startsWith(SYSCTL) ? name.slice(SYSCTL.length) : undefined;
}
