import { splitPrefix } from '../../input/address.ts';
import type { Facts, NetworkFacts } from '../facts/facts.ts';
import type { Podman } from '../facts/podman.ts';
import { gatewaysOf } from '../facts/pools.ts';
import { shellWord } from '../self.ts';
import { check, type Finding } from './finding.ts';

/** `--subnet 10.87.1.0/24 --gateway 10.87.1.1`, for both commands that make networks. */
function subnetOptions({ network, subnets }: NetworkFacts): string {
  const gateways = gatewaysOf(network.conf).map((gateway) => splitPrefix(gateway).address);
  return subnets
    .flatMap((subnet, index) => {
      const gateway = gateways[index];
      return [`--subnet ${subnet}`, ...(gateway === undefined ? [] : [`--gateway ${gateway}`])];
    })
    .join(' ');
}

/** The command that makes the same network for the backend in use, so that containers keep their addresses. */
function remedyFor(described: NetworkFacts): string {
  const { name, backend, conf, path } = described.network;
  const options = subnetOptions(described);
  const own = shellWord(name);
  if (backend === 'cni') {
    const masquerade = conf.ipMasq ? '' : ' -o masquerade=false';
    return `sudo podman network create -d flatnet ${options} --interface-name ${conf.bridge}${masquerade} ${own}`;
  }
  return `sudo mv ${shellWord(path)} ${shellWord(`${path}.bak`)} && sudo flatnet network create ${own} ${options} --bridge ${conf.bridge}${conf.ipMasq ? '' : ' --no-masq'}`;
}

/** Networks in files that this Podman does not read; another runtime may, so they are no failure. */
export function checkUnread(facts: Facts, { networkBackend: backend, version }: Podman): readonly Finding[] {
  const unread = facts.networks.filter(({ network }) => network.backend !== backend);
  return unread.map((described) => {
    const { name, path } = described.network;
    return check('Podman', 'network').warning(
      `Podman ${version} does not read ${path}: its networks are those of ${backend === 'cni' ? 'CNI' : backend}`,
      {
        effect: `podman run --network ${name} says "network not found"; other runtimes may use the file`,
        suggestion: remedyFor(described),
      },
    );
  });
}
