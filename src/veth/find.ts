import type { Context } from '../sys/context.ts';
import type { Attachment } from '../ipam/types.ts';
import { showLinks } from '../sys/process/ip.ts';
import { hasLink } from '../sys/proc.ts';
import { linkAlias } from '../sys/sysctl.ts';
import { parseAlias } from './alias.ts';
import { hostIfname } from './name.ts';

/** The link that bears an attachment's host name, and whether it really is that attachment's. */
export interface HostLink {
  readonly name: string;
  /** Empty where it has none. */
  readonly alias: string;
  /** False where the alias names another attachment: two triples of one hash, or a forgery. */
  readonly isOurs: boolean;
}

function belongsTo(attachment: Attachment, alias: string): boolean {
  // Killed between making the link and naming it: no alias yet; no other program makes links of such names.
  if (alias === '') return true;
  const owner = parseAlias(alias);
  return (
    owner?.network === attachment.network &&
    owner.containerID === attachment.containerID &&
    owner.ifname === attachment.ifname
  );
}

/** A /sys of another namespace has no link of that name, and `ip` is asked: 3 ms where the file takes none. */
async function aliasOf(name: string, ctx: Context): Promise<string | undefined> {
  const known = linkAlias(name);
  if (known !== undefined) return known;
  const [link] = await showLinks({ ifname: name }, ctx);
  return link === undefined ? undefined : (link.ifalias ?? '');
}

/** Finds an attachment's host veth; costs no process. */
export async function findHostLink(attachment: Attachment, ctx: Context): Promise<HostLink | undefined> {
  const name = hostIfname(attachment);
  if (!hasLink(name)) return undefined;
  const alias = await aliasOf(name, ctx);
  return alias === undefined ? undefined : { name, alias, isOurs: belongsTo(attachment, alias) };
}
