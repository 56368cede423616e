import { familyOf } from '../input/address.ts';
import type { Context } from '../sys/context.ts';
import { openForward } from '../firewall/forward.ts';
import { enableForwarding } from '../bridge/sysctls.ts';
import { isSameNat, type MasqueradeBackend, type SourceNat } from '../firewall/masquerade.ts';
import { ensureByIptables } from '../firewall/masquerade-iptables.ts';
import { restoreRules, type RestoredRules, type WantedRules } from '../firewall/restore.ts';
import { hasLink } from '../sys/proc.ts';
import { forgetUnnoted } from '../names/publish.ts';
import { findTool } from '../sys/process/tool.ts';
import { explainInLine } from './explain.ts';
import { refreshNames } from './names.ts';
import { kernelOwners } from './owners.ts';
import { type Gathered, recallAttached, type Remembered, type UnknownAttachment } from './remembered.ts';
import { networkElements, networkNat, ownGuard, ownPorts, ownSpoof } from './elements.ts';
import { openLoopback } from './rules.ts';
import { ensureGuard, guardGaps } from '../firewall/spoof-ingress.ts';
import { describeClaim, parsePort } from '../firewall/ports.ts';

export interface Restored {
  readonly attachments: number;
  /** Published ports, over all address families. */
  readonly ports: number;
  readonly networks: readonly string[];
  /** Attachments without a intent. */
  readonly unknown: readonly UnknownAttachment[];
  /** One sentence each. */
  readonly failures: readonly string[];
}

/**
 * Source NAT by this backend, by network; empty for a network that requests none. Where attachments differ, a subnet has
 * several rules, of which the present one or else the last stays.
 */
function natOf(
  remembered: readonly Remembered[],
  backend: MasqueradeBackend,
): ReadonlyMap<string, readonly SourceNat[]> {
  const nat = new Map<string, readonly SourceNat[]>();
  for (const { network, intent } of remembered) {
    const own = intent.ipMasqBackend === backend ? networkNat(intent) : [];
    const others = (nat.get(network) ?? []).filter((one) => !own.some((mine) => isSameNat(one, mine)));
    nat.set(network, [...others, ...own]);
  }
  return nat;
}

function sharedOf({ remembered }: Gathered) {
  return remembered.flatMap(({ intent, addresses }) => networkElements(intent, addresses));
}

function wantedRules(gathered: Gathered): WantedRules {
  const { remembered, unknown, busy } = gathered;
  const idle = remembered.filter(({ owner }) => !busy.has(owner));
  const known = new Set(remembered.map(({ intent }) => intent.bridge));
  return {
    ports: new Map(
      idle.map(({ owner, intent, addresses }) => [owner, ownPorts(intent, owner, addresses)] as const),
    ),
    spoof: idle.flatMap(({ owner, intent, addresses }) => ownSpoof(intent, owner, addresses)),
    shared: sharedOf(gathered),
    masquerade: natOf(remembered, 'nftables'),
    // The route_localnet guard is never withdrawn, because route_localnet is not.
    isKept: ({ set, key }) => {
      const bridge = /"([^"]*)"/.exec(key)?.[1] ?? '';
      return hasLink(bridge) && (set === 'loopback' || unknown.length > 0 || !known.has(bridge));
    },
  };
}

/** Notes a failure and continues with the next network. */
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
    [...natOf(gathered.remembered, 'nftables').values()].flat().length > 0 ||
    gathered.remembered.some(({ intent, owner, addresses }) => {
      return ownPorts(intent, owner, addresses).length > 0 || ownSpoof(intent, owner, addresses).length > 0;
    }) ||
    sharedOf(gathered).length > 0;
  // On a machine with only iptables, no network needs more.
  if (!needsNft && findTool('nft') === undefined) return { ports: [], refused: [], lacking: [] };
  return restoreRules(
    async () => wantedRules(await gather()),
    () => kernelOwners(ctx),
    ctx,
  );
}

/** What bridges need besides tables: sysctls, and rules in the host's other firewalls. */
async function restoreBridges(gathered: Gathered, failures: string[], ctx: Context): Promise<void> {
  const byBridge = Map.groupBy(gathered.remembered, ({ intent }) => intent.bridge);
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
        own.flatMap(({ intent, addresses }) => networkElements(intent, addresses)),
        bridge,
      );
      const forwarded = own.filter(({ intent }) => intent.forward).flatMap(({ addresses }) => addresses);
      if (forwarded.length === 0) return;
      const families = [...new Set(forwarded.map(familyOf))];
      enableForwarding(families);
      const zone = own.findLast(({ intent }) => intent.forward)?.intent.firewalldZone;
      await openForward({ bridge, families, zone }, ctx);
    });
  }
}

/**
 * Restores every rule of every attachment from its intent, and withdraws rules that no attachment of their network
 * requests any more. Correct rules are never missing meanwhile, and a failure in one network does not affect another.
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
    ({ intent, owner, addresses }) => ownGuard(intent, owner, addresses) ?? [],
  );
  for (const guard of guards.filter((one) => guardGaps([one], ctx).length > 0)) {
    await attempt(failures, `guard the addresses of link "${guard.owner}"`, () => ensureGuard(guard, ctx));
  }
  for (const [network, nat] of natOf(remembered, 'iptables')) {
    await attempt(failures, `masquerade network "${network}"`, () => ensureByIptables({ network, nat }, ctx));
  }
  await restoreBridges(gathered, failures, ctx);
  failures.push(...(await refreshNames(ctx)));
  await attempt(failures, 'take names out of "/etc/hosts"', async () => {
    failures.push(...(await forgetUnnoted()));
  });
  const refused = restored.refused.map(
    (element) =>
      `Cannot publish ${describeClaim(parsePort(element).claim)} again: another container has taken it`,
  );
  return {
    attachments: remembered.length,
    ports: restored.ports.length,
    networks: [...new Set(remembered.map(({ network }) => network))],
    unknown,
    failures: [...restored.lacking, ...refused, ...failures],
  };
}
