import { verifyBridge } from '../../bridge/verify.ts';
import { formatAddressInfo, hasNoCarrier } from '../../sys/process/ip.ts';
import { type Facts, isSeen, type NetworkFacts } from '../facts/facts.ts';
import { bridgeKey } from '../network/host-network.ts';
import { nameOrId } from '../text/container.ts';
import { count } from '../text/format.ts';
import { check, type Finding, type More } from './finding.ts';
import { checkConfiguration } from './configuration.ts';
import { checkMasquerade } from './masquerade.ts';
import { checkMtu } from './mtu.ts';
import { checkOverlap } from './overlap.ts';

function checkBridge(facts: Facts, described: NetworkFacts): Finding {
  const { pass, fail, skipped } = check('Network', 'bridge');
  const { bridge, bridgeName: name, network, gateways, allocations, ports } = described;
  if (!isSeen(facts, 'links')) return skipped(`${name} cannot be seen`);
  const isUsed = allocations.length > 0 || ports.length > 0;
  if (bridge === undefined && !isUsed) return skipped(`${name} will be created with the first container`);
  const problems = verifyBridge({ name, mac: undefined, gateways }, bridge);
  if (problems.length === 0) {
    return pass(`${name} is up with ${gateways.join(', ')}, ${count(ports.length, 'container')} attached`);
  }
  const effect = 'containers of the network reach neither the host nor each other';
  const kind = bridge?.linkinfo?.info_kind ?? 'plain link';
  if (bridge !== undefined && kind !== 'bridge') {
    return fail(`${problems.join('; ')} (it is a ${kind})`, {
      effect,
      suggestion: `set another ${bridgeKey(network)} in ${network.path}; to see the link of that name: ip -d address show ${name}`,
    });
  }
  return fail(`${problems.join('; ')}${describeAddresses(described)}`, {
    effect,
    ...remedyOf(described),
  });
}

/** What is wrong with an unmanaged bridge is its admin's to put right. */
function remedyOf({ network, bridge, bridgeName: name }: NetworkFacts): More {
  if (network.conf.isUnmanaged === true) {
    const made = bridge === undefined ? `sudo ip link add ${name} type bridge; ` : '';
    return { suggestion: `${made}sudo ip link set dev ${name} up` };
  }
  return {
    suggestion: 'sudo flatnet doctor --fix',
    otherwise: `set another ${bridgeKey(network)} in ${network.path}, or complete this bridge by hand`,
    fix: { kind: 'bridge', network: network.name },
  };
}

/** A missing address usually means that the bridge has another one. */
function describeAddresses({ bridge, gateways }: NetworkFacts): string {
  const present = (bridge?.addr_info ?? [])
    .filter(({ scope }) => scope === 'global')
    .map(formatAddressInfo)
    .filter((address) => !gateways.includes(address));
  return present.length === 0 ? '' : ` (it has ${present.join(', ')})`;
}

const RULES_SHOWN = 3;

function checkPorts({ bridge, bridgeName, ports, running }: NetworkFacts): readonly Finding[] {
  if (bridge === undefined) return [];
  return ports.flatMap(({ ifname, master, flags }) => {
    const name = running.find(({ hostIfname }) => hostIfname === ifname)?.bridge ?? bridgeName;
    const problem =
      master !== name ? `is not in bridge "${name}"` : flags.includes('UP') ? undefined : 'is down';
    if (problem === undefined) return [];
    return [
      check('Network', 'bridge ports').fail(`host interface "${ifname}" ${problem}`, {
        effect: 'its container is cut off',
        suggestion: `sudo ip link set dev ${ifname} master ${name} up`,
        fix: { kind: 'port', link: ifname, bridge: name },
      }),
    ];
  });
}

/** The interface was taken down inside the container; the host end stays up. */
function checkCarrier({ network, ports, allocations }: NetworkFacts): readonly Finding[] {
  if (network.conf.disableContainerInterface === true) return [];
  return ports
    .filter((port) => port.flags.includes('UP') && hasNoCarrier(port))
    .map(({ ifname }) => {
      const holder = allocations.find(({ hostIfname }) => hostIfname === ifname);
      const where = holder === undefined ? '' : ` ("${holder.ifname}" of ${nameOrId(holder)})`;
      const netns = holder?.netns?.path;
      return check('Network', 'bridge ports').warning(
        `host interface "${ifname}" has no carrier: its end in the container${where} is down`,
        {
          effect: 'its container is cut off',
          suggestion:
            netns === undefined
              ? 'restart the container'
              : `sudo nsenter --net=${netns} ip link set dev ${holder?.ifname ?? ''} up`,
        },
      );
    });
}

/** A flush of the packet filter removes published ports and isolation. */
function checkRules({ network, rules }: NetworkFacts): readonly Finding[] {
  if (rules === undefined || rules.missing.length === 0) return [];
  const { missing } = rules;
  const shown = missing.slice(0, RULES_SHOWN).join('; ');
  const more = missing.length > RULES_SHOWN ? ` and ${missing.length - RULES_SHOWN} more` : '';
  return [
    check('Network', 'rules').fail(`${shown}${more}`, {
      effect: 'published ports do not answer, or containers are less isolated than configured',
      suggestion: 'sudo flatnet reload',
      fix: { kind: 'rules', network: network.name },
    }),
  ];
}

function checkForward(facts: Facts, { network, bridgeName, rules }: NetworkFacts): readonly Finding[] {
  const { pass, fail, skipped } = check('Network', 'forward chain');
  if (rules === undefined) return [skipped('the packet filter cannot be seen')];
  const { forwardGaps } = rules;
  if (forwardGaps.length === 0) return [pass(`nothing at the forward hook blocks ${bridgeName}`)];
  const alsoInside =
    facts.bridgeNfCall === '1' ? '; also packets between containers (bridge-nf-call-iptables is 1)' : '';
  return forwardGaps.map((gap) =>
    fail(gap, {
      effect: `containers and the networks beyond the host cannot reach each other${alsoInside}`,
      suggestion: 'sudo flatnet forwarding enable --persist',
      fix: { kind: 'forward-rules', network: network.name },
    }),
  );
}

export function checkNetworks(facts: Facts): readonly Finding[] {
  return facts.networks.flatMap((network) => [
    ...checkConfiguration(facts, network),
    checkBridge(facts, network),
    ...checkPorts(network),
    ...checkCarrier(network),
    ...checkMasquerade(facts, network),
    ...checkRules(network),
    ...checkForward(facts, network),
    ...checkOverlap(facts, network),
    ...checkMtu(facts, network),
  ]);
}
