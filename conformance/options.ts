import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

/** What a plugin speaks. */
export type ProtocolName = 'cni' | 'netavark';

export interface Options {
  readonly protocol: ProtocolName;
  readonly plugin: string;
  /** CNI cannot do without one. */
  readonly config: string | undefined;
  readonly cniPath: string | undefined;
  readonly ipamPath: string | undefined;
  /** Case ids and family prefixes; every case if empty. */
  readonly only: readonly string[];
  readonly json: string | undefined;
  readonly html: string | undefined;
  readonly jobs: number;
  /** A failed SHOULD counts like a failed MUST for the exit code. */
  readonly strict: boolean;
}

/** An invalid command line; the message is for the user. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const USAGE = `Puts a CNI plugin through the clauses of the specification, or a driver of netavark through the plugin API, in a
throw-away host of its own for every case.

Usage: flatnet-conformance --plugin FILE --config FILE [options]
       flatnet-conformance --protocol netavark --plugin FILE [--config FILE] [options]

  --protocol NAME   what the plugin speaks: cni (without it) or netavark
  --plugin FILE     the plugin's executable
  --config FILE     the network to test it in: a plugin object, or a list whose other plugins run with it;
                    for netavark what "podman network create" asks of the driver, with "capabilities" besides
  --cni-path DIR    more directories for CNI_PATH, joined by colons: where the other plugins of the network are
  --ipam-path DIR   the same, and says that the plugin delegates address management, whatever its configuration says
  --only ID         run these cases alone: an id (ADD-03), what ids begin with (ADD-1) or a family (ADD);
                    may be repeated, or joined by commas
  --list            print the cases of the protocol and exit
  --json FILE       write the report for machines
  --html FILE       write the report as one page for people
  --jobs N          run N cases at a time (default: one for each processor)
  --strict          let a failed SHOULD end with exit code 1, as a failed MUST does
  --help            print this

The cniVersion of a configuration is passed over: calls are made in the versions that VERSION claims.
Needs root, iproute2, nftables and util-linux; touches nothing of this machine, sends nothing outside it.

Exit codes: 0 no MUST failed, 1 a MUST failed, 2 the suite could not run.
`;

/** A run, or one of the two requests that need no plugin. */
export type Request =
  | { readonly kind: 'run'; readonly options: Options }
  | { readonly kind: 'list'; readonly protocol: ProtocolName }
  | { readonly kind: 'help' };

/** @throws {UsageError} if an option is unknown, missing or malformed. */
export function parseOptions(argv: readonly string[]): Request {
  const values = parse(argv);
  if (values.help === true) return { kind: 'help' };
  const protocol = protocolOf(values.protocol);
  if (values.list === true) return { kind: 'list', protocol };
  const { plugin, config, jobs = String(availableParallelism()) } = values;
  if (plugin === undefined) throw new UsageError('Cannot run without --plugin FILE');
  if (config === undefined && protocol === 'cni') throw new UsageError('Cannot run without --config FILE');
  if (!/^[1-9]\d*$/.test(jobs))
    throw new UsageError(`Cannot run "${jobs}" cases at a time: --jobs wants a number from 1`);
  return {
    kind: 'run',
    options: {
      protocol,
      plugin,
      config,
      cniPath: values['cni-path'],
      ipamPath: values['ipam-path'],
      only: (values.only ?? []).flatMap((list) => list.split(',')).filter((word) => word !== ''),
      json: values.json,
      html: values.html,
      jobs: Number(jobs),
      strict: values.strict ?? false,
    },
  };
}

function protocolOf(word = 'cni'): ProtocolName {
  if (word === 'cni' || word === 'netavark') return word;
  throw new UsageError(`Cannot test by the protocol "${word}": --protocol wants "cni" or "netavark"`);
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        protocol: { type: 'string' },
        plugin: { type: 'string' },
        config: { type: 'string' },
        'cni-path': { type: 'string' },
        'ipam-path': { type: 'string' },
        only: { type: 'string', multiple: true },
        json: { type: 'string' },
        html: { type: 'string' },
        jobs: { type: 'string' },
        list: { type: 'boolean' },
        strict: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
