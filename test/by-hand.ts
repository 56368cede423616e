import type { Host } from '../conformance/host.ts';

/** A call of the plugin by hand, for container `box`. */
export interface ByHand {
  readonly verb: string;
  /** Path of the sandbox. */
  readonly netns: string;
  readonly conf: object;
  /** Beside the variables of a call. */
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** Calls a plugin in a host as a person would; `argv` names it. */
export function callByHand(
  host: Host,
  argv: readonly string[],
  { verb, netns, conf, env, ...limits }: ByHand,
): ReturnType<Host['exec']> {
  return host.exec(argv, {
    input: JSON.stringify(conf),
    env: {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      CNI_COMMAND: verb,
      CNI_CONTAINERID: 'box',
      CNI_IFNAME: 'eth0',
      CNI_NETNS: netns,
      CNI_PATH: '/usr/lib/cni',
      ...env,
    },
    ...limits,
  });
}
