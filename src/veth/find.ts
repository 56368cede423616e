import type { Context } from '../sys/context.ts';
import type { Attachment } from '../ipam/types.ts';
import { showLinks } from '../sys/process/ip.ts';
import { hasLink } from '../sys/proc.ts';
import { linkAlias } from '../sys/sysctl.ts';
import { parseAlias } from './alias.ts';
import { hostIfname } from './name.ts';

export interface HostLink {
  readonly name: string;
  /** Empty if it has none. */
  readonly alias: string;
  /** False if the alias names another attachment: a hash collision, or a forgery. */
  readonly isOurs: boolean;
}

function belongsTo(attachment: Attachment, alias: string): boolean {
  // No alias yet: killed between creating and naming the link. No other program makes links of such names.
  if (alias === '') return true;
  const owner = parseAlias(alias);
  return (
    owner?.network === attachment.network &&
    owner.containerID === attachment.containerID &&
    owner.ifname === attachment.ifname
  );
}

/** If /sys belongs to another network namespace it lacks the link, and `ip` is asked, which takes 3 ms. */
async function aliasOf(name: string, ctx: Context): Promise<string | undefined> {
  const known = linkAlias(name);
  if (known !== undefined) return known;
  const [link] = await showLinks({ ifname: name }, ctx);
  return link === undefined ? undefined : (link.ifalias ?? '');
}

/** Finds an attachment's host veth, normally without starting a process. */
export async function findHostLink(attachment: Attachment, ctx: Context): Promise<HostLink | undefined> {
  const name = hostIfname(attachment);
  if (!hasLink(name)) return undefined;
  const alias = await aliasOf(name, ctx);
  return alias === undefined ? undefined : { name, alias, isOurs: belongsTo(attachment, alias) };
}
