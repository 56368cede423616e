import type { Facts, NetworkFacts } from '../facts/facts.ts';
import type { Podman } from '../facts/podman.ts';
import { shellWord } from '../self.ts';
import { check, type Finding } from './finding.ts';

/** The command that makes the same network for the backend in use; containers keep their addresses. */
function remedyFor({ network: { name, backend } }: NetworkFacts): string {
  return `sudo flatnet migrate ${shellWord(name)} --to ${backend === 'cni' ? 'netavark' : 'cni'}`;
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
