import { FlatnetError } from '../input/error.ts';
import { invalidValue } from '../input/parse.ts';
import { aliasOf, nameOf, openLinks } from '../sys/kernel.ts';
import { parseAlias } from '../veth/alias.ts';
import { hostIfname } from '../veth/name.ts';
import { describeOwner } from './ports.ts';
import type { Job } from './spec.ts';

/*
 * A name that somebody chose for the host end. It is a further name of the link, which keeps the one that flatnet
 * derives: so rules, limits, DEL and GC need not know it, and it goes with the link.
 */

/** The holder, for people; `undefined` if nobody has the name, or only this attachment. */
function holderOf(name: string, { attachment, ctx }: Job): string | undefined {
  using kernel = openLinks(ctx);
  const link = nameOf(kernel, name);
  if (link === undefined || link === hostIfname(attachment)) return undefined;
  const owner = parseAlias(aliasOf(kernel, link) ?? '');
  if (owner !== undefined) return describeOwner(owner);
  return link === name ? 'a link of the host has it' : `link "${link}" has it`;
}

/** Names the holder of a name that the kernel has refused, or would refuse. */
export function nameTaken(name: string, job: Job): FlatnetError | undefined {
  const holder = holderOf(name, job);
  if (holder === undefined) return undefined;
  const message = `Cannot give "${job.attachment.ifname}" the host interface name "${name}": ${holder}`;
  const details = `a name belongs to one link; stop that container, or choose another name; to see the link: ip link show dev ${name}`;
  return new FlatnetError('veth', message, { details });
}

/** Refuses a name that another link has, before anything is made. @throws FlatnetError naming the holder. */
export function refuseTakenName(job: Job): void {
  const { network, spec } = job;
  const name = spec.hostInterfaceName;
  if (name === undefined) return;
  if (name === network.bridge) {
    const where = `what is asked for one container of network "${network.name}"`;
    throw invalidValue('hostInterfaceName', name, {
      expected: 'another name than that of the bridge',
      where,
    });
  }
  const refusal = nameTaken(name, job);
  if (refusal !== undefined) throw refusal;
}
