import { isSameNat, type MasqueradeBackend, natOf, type SourceNat } from '../../firewall/masquerade.ts';
import { type Facts, isSeen, type NetworkFacts } from '../facts/facts.ts';
import { count } from '../text/format.ts';
import { check, type Finding } from './finding.ts';
import { restartOf } from './restart.ts';

const { pass, fail, warning, skipped } = check('Network', 'masquerade');

function placeOf(backend: MasqueradeBackend): string {
  return backend === 'nftables' ? 'table inet flatnet' : 'chain POSTROUTING of iptables';
}

function describeNat(nat: readonly SourceNat[]): string {
  const bySource = Map.groupBy(nat, ({ to }) => to ?? "the host's address");
  return [...bySource]
    .map(([source, own]) => `${own.map(({ subnet }) => subnet).join(', ')} leaves with ${source}`)
    .join('; ');
}

/** An ADD of the changed network puts its source address in place; a reload keeps that of the running containers. */
function describeOutdated(
  facts: Facts,
  { network, running }: NetworkFacts,
  nat: readonly SourceNat[],
): Finding {
  const ids = running.map(({ containerID }) => containerID);
  return warning(`${network.path} has another source address: ${describeNat(nat)}`, {
    effect: 'packets of containers leave with the address that was configured before',
    suggestion: restartOf(facts, ids),
  });
}

function describeLost(facts: Facts, { network, rules, running }: NetworkFacts, missing: string): Finding {
  const effect = 'containers reach neither the internet nor the LAN: replies have no route back';
  const ids = running.map(({ containerID }) => containerID);
  // Restoring follows the containers' own settings, so it would remove the masquerade again.
  if (running.length > 0 && running.every(({ ipMasq }) => ipMasq === false)) {
    return fail(
      `${network.path} has "ipMasq": true, but ${count(ids.length, 'container')} started without it`,
      {
        effect,
        suggestion: restartOf(facts, ids),
      },
    );
  }
  return fail(`nothing masquerades ${missing} (${placeOf(rules?.backend ?? 'nftables')})`, {
    effect,
    suggestion: 'sudo flatnet doctor --fix',
    otherwise: restartOf(facts, ids),
    fix: { kind: 'masquerade', network: network.name },
  });
}

/** Replies to an address that no link has come back only if it is routed to the host. */
function checkSources({ links }: Facts, { network }: NetworkFacts): readonly Finding[] {
  const own = links.flatMap(({ addr_info: addresses = [] }) => addresses.map(({ local }) => local));
  return network.conf.outbound
    .filter((address) => !own.includes(address))
    .map((address) =>
      warning(`containers leave with ${address}, which no interface of the host has`, {
        effect: 'replies come back only if a router sends them to this host',
        suggestion: `set another address in ${network.path}, or add it to an interface: ip address add ${address} dev ...`,
      }),
    );
}

export function checkMasquerade(facts: Facts, described: NetworkFacts): readonly Finding[] {
  const { network, masquerade, rules, bridge, running } = described;
  const { name, conf } = network;
  if (!conf.ipMasq) {
    return [
      skipped(
        `disabled for network "${name}" ("ipMasq" is false): containers reach only hosts with a route back to them`,
      ),
    ];
  }
  const sources = isSeen(facts, 'links') ? checkSources(facts, described) : [];
  if (bridge === undefined) return [...sources, skipped('created with the first container')];
  if (rules === undefined) return [...sources, skipped('the packet filter cannot be seen')];
  const wanted = natOf(masquerade, conf.outbound);
  const missing = masquerade.filter((subnet) => !rules.nat.some((one) => one.subnet === subnet));
  if (missing.length > 0) return [...sources, describeLost(facts, described, missing.join(', '))];
  const outdated = rules.nat.filter(
    (one) => masquerade.includes(one.subnet) && !wanted.some((nat) => isSameNat(nat, one)),
  );
  if (outdated.length > 0 && running.length > 0)
    return [...sources, describeOutdated(facts, described, outdated)];
  return [...sources, pass(describeNat(wanted))];
}
