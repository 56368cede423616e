import type { Context } from '../../sys/context.ts';
import { findFreeSubnet, firstOverlap, freeBridge } from '../../attachment/choose-subnet.ts';
import { gatherFacts } from '../facts/gather.ts';
import { CliError } from '../failure.ts';
import { canonical, defaultGateway, freeSubnet } from './choose.ts';
import type { NetworkOptions } from './template.ts';

export interface NetworkRequest {
  readonly subnet: string | undefined;
  readonly gateway: string | undefined;
  readonly bridge: string | undefined;
  readonly noMasq: boolean;
  /** As Podman spells it. */
  readonly disableDns: boolean;
}

/** Subnets and bridge names that networks, routes and links use. */
async function takenBy(ctx: Context): Promise<{
  readonly subnets: readonly string[];
  readonly bridges: readonly string[];
}> {
  const { networks, routes, links } = await gatherFacts(ctx, 'quick');
  return {
    subnets: [...networks.flatMap((network) => network.subnets), ...routes.map(({ dst }) => dst)],
    bridges: [...networks.map(({ network }) => network.conf.bridge), ...links.map(({ ifname }) => ifname)],
  };
}

/**
 * Fills in a free subnet and bridge where none was typed.
 *
 * @param request with `force`, use the subnet even if it overlaps a route or another network.
 * @throws CliError when it overlaps one.
 */
export async function completeRequest(
  name: string,
  request: NetworkRequest & { readonly force: boolean },
  ctx: Context,
): Promise<NetworkOptions> {
  const { gateway, bridge, noMasq, disableDns, force } = request;
  const taken = await takenBy(ctx);
  const subnet = request.subnet ?? freeSubnet(taken.subnets);
  const clash = firstOverlap(subnet, taken.subnets);
  if (clash !== undefined && !force) {
    const free = findFreeSubnet(taken.subnets);
    throw new CliError(
      `Cannot create network "${name}": ${subnet} overlaps ${clash} of a route or another network`,
      `${free === undefined ? 'Name another --subnet' : `${free} is free`}; --force uses ${subnet} anyway`,
    );
  }
  return {
    name,
    subnet,
    bridge: bridge ?? freeBridge(taken.bridges),
    gateway: gateway === undefined ? defaultGateway(subnet) : canonical(gateway),
    ipMasq: !noMasq,
    hasNames: !disableDns,
  };
}
