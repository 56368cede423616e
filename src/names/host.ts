import type { Context } from '../sys/context.ts';
import { changeText } from '../sys/files/change-text.ts';
import { run } from '../sys/process/run.ts';
import { hostsLines, networksIn, withBlock } from './hosts-block.ts';
import type { FilledZone, Zone } from './zone.ts';

/*
 * How the host itself finds containers, where a network's `names.host` asks for it: by its part of /etc/hosts, or by
 * systemd-resolved, which is told once that the domain is asked for at the bridge.
 */

const HOSTS = '/etc/hosts';
/** A resolved that hangs keeps no container waiting; all of a zone's change has eight seconds. */
const RESOLVED_MS = 1_500;
const RESOLVED_REMEDY = 'start systemd-resolved (package systemd-resolved), then: sudo flatnet reload';

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function resolvectl(ctx: Context, ...args: readonly string[]): Promise<void> {
  await run({ tool: 'resolvectl', args, timeoutMs: RESOLVED_MS }, ctx);
}

/**
 * Lets the host find the zone's containers. Containers find each other without it, so a failure is only said.
 * @param isNew whether the zone is served for the first time, or otherwise than before.
 * @returns one sentence for what could not be done.
 */
export async function tellHost(
  filled: FilledZone,
  isNew: boolean,
  ctx: Context,
): Promise<string | undefined> {
  const { network, host, bridge, listen, domain } = filled.zone;
  try {
    if (host === 'hosts') changeText(HOSTS, (text) => withBlock(text, network, hostsLines(filled)));
    if (host === 'resolved' && isNew) {
      // The tilde: the server is asked about this domain, and about nothing else. It comes first: without a domain the server
      // would be asked about every name, and would ask the host in turn.
      await resolvectl(ctx, 'domain', bridge, `~${domain}`);
      await resolvectl(ctx, 'dns', bridge, ...listen);
    }
    return undefined;
  } catch (error) {
    const remedy = host === 'resolved' ? `; ${RESOLVED_REMEDY}` : '';
    return `Cannot let the host find containers of network "${network}": ${reasonOf(error)}${remedy}`;
  }
}

/** Undoes `tellHost`, when a zone ends or the host is not to be told any more. */
export async function forgetAtHost(
  { network, host, bridge }: Zone,
  ctx: Context,
): Promise<string | undefined> {
  try {
    if (host === 'hosts') changeText(HOSTS, (text) => withBlock(text, network, []));
    if (host === 'resolved') await resolvectl(ctx, 'revert', bridge);
    return undefined;
  } catch (error) {
    return `Cannot let the host forget the containers of network "${network}": ${reasonOf(error)}`;
  }
}

/**
 * Removes from /etc/hosts the parts of all networks but these.
 * @returns a sentence, if that could not be done.
 */
export function clearHosts(kept: readonly string[]): readonly string[] {
  try {
    changeText(HOSTS, (text) =>
      networksIn(text)
        .filter((network) => !kept.includes(network))
        .reduce((rest, network) => withBlock(rest, network, []), text),
    );
    return [];
  } catch (error) {
    return [`Cannot take names of containers out of "${HOSTS}": ${reasonOf(error)}`];
  }
}
