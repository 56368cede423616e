import { aliasesToRemember } from '../../attachment/parse-names.ts';
import { DEFAULT_DOMAIN, type NamesSpec } from '../../names/zone.ts';
import type { Shape } from './shape.ts';

/** Without the key names do not resolve: a file that was another plugin's stays as it was. */
export function parseNames({ names }: Shape): NamesSpec | undefined {
  const server = names?.server ?? 'auto';
  if (names === undefined || server === 'off') return undefined;
  const { domain = DEFAULT_DOMAIN, host = 'off' } = names;
  return { server, domain, ...(host === 'off' ? {} : { host }) };
}

/** CONVENTIONS: `aliases` of `runtimeConfig` is a list; Podman sends one for each of a container's networks. */
export function parseAliases({ runtimeConfig }: Shape, network: string): readonly string[] {
  const aliases = runtimeConfig?.aliases ?? [];
  const own = Array.isArray(aliases) ? aliases : (aliases[network] ?? []);
  return aliasesToRemember(own);
}
