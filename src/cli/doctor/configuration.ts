import type { Facts, NetworkFacts } from '../facts/facts.ts';
import type { Change } from '../facts/running.ts';
import { count } from '../text/format.ts';
import { mayDeleteAddress, mayDeleteLink } from './deletion.ts';
import { check, type Finding } from './finding.ts';

function describeChange({ what, now, held, containers }: Change): string {
  const [quoted, where] = { bridge: ['"', 'on'], subnet: ['', 'in'], gateway: ['', 'behind'] }[what];
  const list = (texts: readonly string[]) => texts.map((text) => `${quoted}${text}${quoted}`).join(', ');
  const runs = `${count(containers, 'container')} ${containers === 1 ? 'runs' : 'run'}`;
  return `names ${what} ${list(now)}, but ${runs} ${where} ${list(held)}`;
}

/**
 * Commands that remove leftovers of the old values, which would block the new ones. The bridge of an unmanaged network, now
 * or when its containers started, may be somebody else's: none for it.
 */
function clearing(facts: Facts, { network, changes, running }: NetworkFacts): readonly string[] {
  if (network.conf.isUnmanaged === true) return [];
  const renamed = changes.find(({ what }) => what === 'bridge');
  const left = renamed?.held ?? [network.conf.bridge];
  return left.flatMap((bridge) => {
    const sharing = facts.networks.filter(
      (other) => other.network.name !== network.name && other.network.conf.bridge === bridge,
    );
    if (sharing.some((other) => other.network.conf.isUnmanaged === true)) return [];
    if (sharing.length === 0 && mayDeleteLink(facts, bridge)) return [`sudo ip link del ${bridge}`];
    if (!mayDeleteAddress(facts, bridge)) return [];
    const gateways = new Set(running.filter((one) => one.bridge === bridge).flatMap((one) => one.gateways));
    return [...gateways].map((gateway) => `sudo ip address del ${gateway} dev ${bridge}`);
  });
}

/** Compares running containers with the conflist, which may have been edited since they started. */
export function checkConfiguration(facts: Facts, network: NetworkFacts): readonly Finding[] {
  const { changes } = network;
  if (changes.length === 0) return [];
  const { name, path } = network.network;
  const commands = clearing(facts, network);
  const restart =
    commands.length === 0
      ? `restart the containers of "${name}"`
      : `stop the containers of "${name}", run: ${commands.join('; ')}, and start them again`;
  return [
    check('Network', 'configuration').fail(`${path} ${changes.map(describeChange).join('; it ')}`, {
      effect:
        'running containers keep the old values; the next container does not start, or reaches neither them nor the host',
      suggestion: `${restart}; or put the old value back into ${path}`,
    }),
  ];
}
