import type { Context } from '../sys/context.ts';
import type { Owners } from '../firewall/port-plan.ts';
import { aliasOf, openLinks } from '../sys/kernel.ts';
import { hasLink } from '../sys/proc.ts';
import { type AliasContent, parseAlias } from '../veth/alias.ts';

/** From the alias of the host link; `undefined` without a link or an alias of flatnet. */
export function ownerOf(hostIfname: string, ctx: Context): AliasContent | undefined {
  using kernel = openLinks(ctx);
  return parseAlias(aliasOf(kernel, hostIfname) ?? '');
}

/** Owners of rules as the kernel knows them; each is looked up once. */
export function kernelOwners(ctx: Context): Owners {
  const live = new Map<string, boolean>();
  const containers = new Map<string, string | undefined>();
  return {
    isLive: (owner) => {
      const known = live.get(owner) ?? hasLink(owner);
      live.set(owner, known);
      return known;
    },
    containerOf: (owner) => {
      if (!containers.has(owner)) containers.set(owner, ownerOf(owner, ctx)?.containerID);
      return containers.get(owner);
    },
  };
}
