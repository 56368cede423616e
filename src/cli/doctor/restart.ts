import type { Facts } from '../facts/facts.ts';

/** Command that restarts containers, by Podman's current names; Podman does not know another engine's. */
export function restartOf({ containers }: Pick<Facts, 'containers'>, ids: readonly string[]): string {
  const names = ids.flatMap((id) => containers.find((one) => one.id === id)?.name ?? []);
  return names.length === 0
    ? 'restart these containers'
    : `sudo podman restart ${[...new Set(names)].join(' ')}`;
}
