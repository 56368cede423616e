import type { Facts } from '../facts/facts.ts';

/** The command that restarts containers. Podman's current names win; containers it does not know are another engine's. */
export function restartOf({ containers }: Pick<Facts, 'containers'>, ids: readonly string[]): string {
  const names = ids.flatMap((id) => containers.find((one) => one.id === id)?.name ?? []);
  return names.length === 0
    ? 'restart these containers'
    : `sudo podman restart ${[...new Set(names)].join(' ')}`;
}
