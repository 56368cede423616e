import { highestVersion } from '../../cni/conflist.ts';
import { isOfCni } from '../network/host-network.ts';
import { chainedTypes } from '../facts/chained.ts';
import type { Facts } from '../facts/facts.ts';
import { check, type Finding } from './finding.ts';

/** libcni calls all plugins of a list with one version; a plugin that lacks it refuses ADD and DEL. */
export function checkVersions({ networks, chained }: Facts): readonly Finding[] {
  const { fail } = check('Plugin', 'versions');
  return networks.flatMap(({ network }) => {
    if (!isOfCni(network)) return [];
    const version = highestVersion(network);
    const types = chainedTypes(network);
    return chained
      .filter(({ type, supportedVersions }) => types.includes(type) && supportedVersions.length > 0)
      .filter(({ supportedVersions }) => !supportedVersions.includes(version))
      .map(({ path, supportedVersions }) =>
        fail(
          `${path} supports CNI up to ${supportedVersions.at(-1) ?? ''}, but ${network.path} names ${version}`,
          {
            effect:
              'runtimes with libcni 1.3 or newer call it with that version, and it refuses to attach or remove containers',
            suggestion: `remove "${version}" from ${network.path}, or update ${path}`,
          },
        ),
      );
  });
}
