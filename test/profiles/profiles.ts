/** What a kernel refuses: a pattern (an extended regular expression, as awk has them), and what the kernel says to it. */
export interface Refusal {
  readonly pattern: string;
  readonly words: string;
}

/** A kernel by what it lacks. */
export interface Profile {
  /** What /proc/sys/kernel/osrelease has. */
  readonly release: string;
  /** Of statements as statements.awk prints them: `add rule inet fib daddr type local jump -`. */
  readonly nft: readonly Refusal[];
  /** Of lines of `ip`, each with a space before its first word. */
  readonly ip: readonly Refusal[];
  /** Of lines of `tc`. */
  readonly tc: readonly Refusal[];
  /** Programs that find nothing in the kernel to talk to, with what they say. */
  readonly deaf: Readonly<Record<string, string>>;
  /** Whether connections of SCTP are tracked. */
  readonly tracksSctp: boolean;
}

const ABSENT = 'No such file or directory';
const UNSUPPORTED = 'Operation not supported';

/** Expressions and statements of rules, in the families where the kernel lacks them. */
function rules(families: string, words: string): Refusal {
  return { pattern: `^add rule (${families}) (.* )?(${words})( |$)`, words: ABSENT };
}

/**
 * A family that the kernel was built without. Since 5.15.149, 6.1.76 and 6.6.15 the table itself is refused (kernel
 * commit "netfilter: nf_tables: reject tables of unsupported family"); before, the first chain with a hook.
 */
function family(name: string, since: 'table' | 'chain'): Refusal {
  return since === 'table'
    ? { pattern: `^add [a-z]+ (${name})( |$)`, words: UNSUPPORTED }
    : { pattern: `^add chain (${name}) (.* )?hook `, words: ABSENT };
}

function links(kinds: string): Refusal {
  return { pattern: `^ +l[a-z]* +a[a-z]* .*type +(${kinds})( |$)`, words: 'Error: Unknown device type.' };
}

function qdiscs(kinds: string): Refusal {
  return {
    pattern: `^ +q[a-z]* +(add|replace|change) .* (${kinds})( |$)`,
    words: 'Error: Specified qdisc kind is unknown.',
  };
}

const ANY = '[a-z0-9]+';

/** What none of Windows' kernels has (configurations of 5.15.90.3, 6.6.87.1 and 6.18.20.1). */
const NOWHERE: readonly Refusal[] = [
  { pattern: '^add flowtable ', words: ABSENT },
  { pattern: '^add rule [a-z0-9]+ (.* )?flow add ', words: ABSENT },
  { pattern: '^list hooks', words: UNSUPPORTED },
  rules(ANY, 'synproxy|osf'),
  rules('netdev', 'reject|fwd|dup'),
];

const WSL_6: readonly Refusal[] = [...NOWHERE, family('bridge', 'table'), rules(ANY, 'socket|ipsec')];

/** In `ip` alone there is fib; IPv6, `inet` and `netdev` are without. */
const WSL_6_6: readonly Refusal[] = [...WSL_6, rules('inet|ip6|netdev', 'fib')];

/** As in the configuration: what is a module there is gone when the modules are not mounted. */
const MODULES =
  'ct|limit|redirect|reject|log|numgen|fib|queue|quota|jhash|symhash|tproxy|dup|connlimit|tunnel';
const MODULE_LINKS = 'bridge|dummy|macvlan|ipvlan|wireguard|ifb';

const WHOLE = { ip: [], tc: [], deaf: {}, tracksSctp: true } as const;

/** Kernels of Windows' Linux that are in use: one of each generation, and the one whose modules cannot be loaded. */
export const PROFILES = {
  /** The last of WSL 1.x; everything is built in, and nothing can be loaded. */
  'wsl-5.15': {
    release: '5.15.90.3-microsoft-standard-WSL2',
    nft: [
      ...NOWHERE,
      family('bridge|netdev|arp', 'chain'),
      rules(ANY, 'fib|queue|quota|jhash|symhash|tproxy|dup'),
    ],
    ip: [links('ifb')],
    tc: [qdiscs('tbf|netem')],
    deaf: {},
    tracksSctp: false,
  },
  /** Of WSL 2.5 and 2.6: what most people have. */
  'wsl-6.6.87': { ...WHOLE, release: '6.6.87.2-microsoft-standard-WSL2', nft: WSL_6_6 },
  /** Of WSL 2.7 and newer; 6.6.114 lacks the same. */
  'wsl-6.18': { ...WHOLE, release: '6.18.33.1-microsoft-standard-WSL2', nft: WSL_6 },
  /** A kernel of one's own without `kernelModules=`, or modules that are not mounted. */
  'no-modules': {
    ...WHOLE,
    release: '6.6.87.2-microsoft-standard-WSL2',
    nft: [...WSL_6_6, rules(ANY, MODULES)],
    ip: [links(MODULE_LINKS)],
    tc: [qdiscs('tbf|netem|ingress|clsact')],
    deaf: {
      iptables: 'iptables: Failed to initialize nft: Protocol not supported',
      conntrack: 'conntrack: Operation failed: Operation not supported',
    },
  },
} as const satisfies Readonly<Record<string, Profile>>;

export type ProfileName = keyof typeof PROFILES;

/** The profile that this run of the tests is under (FLATNET_PROFILE); `undefined` for the machine's own kernel. */
export function currentProfile(env: Readonly<Record<string, string | undefined>>): ProfileName | undefined {
  const asked = env['FLATNET_PROFILE'] ?? '';
  if (asked === '') return undefined;
  const found = Object.keys(PROFILES).find((name): name is ProfileName => name === asked);
  if (found === undefined) {
    throw new Error(`FLATNET_PROFILE is "${asked}"; there are ${Object.keys(PROFILES).join(', ')}`);
  }
  return found;
}
