import type { Context } from '../sys/context.ts';
import { openForward } from '../firewall/forward.ts';
import { enableForwarding } from '../bridge/sysctls.ts';
import type { MasqueradeBackend } from '../firewall/masquerade.ts';
import { ensureByIptables } from '../firewall/masquerade-iptables.ts';
import { restoreRules, type RestoredRules, type WantedRules } from '../firewall/restore.ts';
import { hasLink } from '../sys/proc.ts';
import { findTool } from '../sys/process/tool.ts';
import { familyOf } from '../veth/plan.ts';
import { explainInLine } from './explain.ts';
import { kernelOwners } from './owners.ts';
import { type Gathered, recallAttached, type Remembered, type UnknownAttachment } from './remembered.ts';
import { networkElements, ownGuard, ownPorts, ownSpoof } from './elements.ts';
import { openLoopback } from './rules.ts';
import { ensureGuard, guardGaps } from '../firewall/spoof-ingress.ts';
import { describeClaim, parsePort } from '../firewall/ports.ts';

/** What `restoreAttachments` put back. */
export interface Restored {
  readonly attachments: number;
  /** Published ports, over all address families. */
  readonly ports: number;
  readonly networks: readonly string[];
  /** Attachments of which nothing is remembered. */
  readonly unknown: readonly UnknownAttachment[];
  /** What could not be put back, one sentence each. */
  readonly failures: readonly string[];
}

/** Subnets to masquerade by one of the backends, by network; a network that asks for none has none. */
function subnetsOf(
  remembered: readonly Remembered[],
  backend: MasqueradeBackend,
): ReadonlyMap<string, readonly string[]> {
  const subnets = new Map<string, readonly string[]>();
  for (const { network, memory } of remembered) {
    const own = memory.ipMasq && memory.ipMasqBackend === backend ? memory.subnets : [];
    subnets.set(network, [...new Set([...(subnets.get(network) ?? []), ...own])]);
  }
  return subnets;
}

/** Elements that a network shares, of all its attachments. */
function sharedOf({ remembered }: Gathered) {
  return remembered.flatMap(({ memory, addresses }) => networkElements(memory, addresses));
}

function wantedRules(gathered: Gathered): WantedRules {
  const { remembered, unknown, busy } = gathered;
  const idle = remembered.filter(({ owner }) => !busy.has(owner));
  const known = new Set(remembered.map(({ memory }) => memory.bridge));
  return {
    ports: new Map(
      idle.map(({ owner, memory, addresses }) => [owner, ownPorts(memory, owner, addresses)] as const),
    ),
    spoof: idle.flatMap(({ owner, memory, addresses }) => ownSpoof(memory, owner, addresses)),
    shared: sharedOf(gathered),
    masquerade: subnetsOf(remembered, 'nftables'),
    // The guard of route_localnet is never taken back, as route_localnet is not.
    isKept: ({ set, key }) => {
      const bridge = /"([^"]*)"/.exec(key)?.[1] ?? '';
      return hasLink(bridge) && (set === 'loopback' || unknown.length > 0 || !known.has(bridge));
    },
  };
}

/** Runs a step for one network; its failure is noted, and the next network gets its turn. */
async function attempt(failures: string[], doing: string, body: () => Promise<void> | void): Promise<void> {
  try {
    await body();
  } catch (error) {
    failures.push(explainInLine(error, { kind: 'firewall', doing }));
  }
}

async function restoreTables(
  gather: () => Promise<Gathered>,
  gathered: Gathered,
  ctx: Context,
): Promise<RestoredRules> {
  const needsNft =
    [...subnetsOf(gathered.remembered, 'nftables').values()].flat().length > 0 ||
    gathered.remembered.some(({ memory, owner, addresses }) => {
      return ownPorts(memory, owner, addresses).length > 0 || ownSpoof(memory, owner, addresses).length > 0;
    }) ||
    sharedOf(gathered).length > 0;
  // A machine that has only iptables has networks that need nothing else.
  if (!needsNft && findTool('nft') === undefined) return { ports: [], refused: [], lacking: [] };
  return restoreRules(
    async () => wantedRules(await gather()),
    () => kernelOwners(ctx),
    ctx,
  );
}

/** Bridges and what they need besides tables: sysctls, and the host's other firewalls. */
async function restoreBridges(gathered: Gathered, failures: string[], ctx: Context): Promise<void> {
  const byBridge = Map.groupBy(gathered.remembered, ({ memory }) => memory.bridge);
  for (const [bridge, own] of byBridge) {
    const networks = [...new Set(own.map(({ network }) => `"${network}"`))].join(', ');
    if (!hasLink(bridge)) {
      failures.push(
        `Cannot restore network ${networks}: its bridge "${bridge}" is gone; run "flatnet doctor --fix"`,
      );
      continue;
    }
    await attempt(failures, `restore network ${networks}`, async () => {
      openLoopback(
        own.flatMap(({ memory, addresses }) => networkElements(memory, addresses)),
        bridge,
      );
      const forwarded = own.filter(({ memory }) => memory.forward).flatMap(({ addresses }) => addresses);
      if (forwarded.length === 0) return;
      const families = [...new Set(forwarded.map(familyOf))];
      enableForwarding(families);
      await openForward({ bridge, families }, ctx);
    });
  }
}

/**
 * Puts back every rule of every attachment from what is remembered, and takes away what no attachment of its network asks
 * for any more. Nothing that is right is missing for a moment; each network is treated for itself.
 *
 * @param dataDirs all that the networks of the host have.
 */
export async function restoreAttachments(
  dataDirs: readonly (string | undefined)[],
  ctx: Context,
): Promise<Restored> {
  const failures: string[] = [];
  const gather = () => recallAttached(dataDirs, ctx);
  const gathered = await gather();
  const { remembered, unknown } = gathered;
  let restored: RestoredRules = { ports: [], refused: [], lacking: [] };
  await attempt(failures, 'put back the rules of the packet filter', async () => {
    restored = await restoreTables(gather, gathered, ctx);
  });
  const guards = remembered.flatMap(
    ({ memory, owner, addresses }) => ownGuard(memory, owner, addresses) ?? [],
  );
  for (const guard of guards.filter((one) => guardGaps([one], ctx).length > 0)) {
    await attempt(failures, `guard the addresses of link "${guard.owner}"`, () => ensureGuard(guard, ctx));
  }
  for (const [network, subnets] of subnetsOf(remembered, 'iptables')) {
    await attempt(failures, `masquerade network "${network}"`, () =>
      ensureByIptables({ network, subnets }, ctx),
    );
  }
  await restoreBridges(gathered, failures, ctx);
  const refused = restored.refused.map(
    (element) =>
      `Cannot publish ${describeClaim(parsePort(element).claim)} again: another container has it by now`,
  );
  return {
    attachments: remembered.length,
    ports: restored.ports.length,
    networks: [...new Set(remembered.map(({ network }) => network))],
    unknown,
    failures: [...restored.lacking, ...refused, ...failures],
  };
}
