import { isExecutableFile } from '../../sys/process/tool.ts';
import type { FlatnetNetwork } from '../../cni/conflist.ts';
import { askVersions } from './plugin.ts';

/** Another plugin that a list of flatnet's names, as a link of the chain or for addresses. */
export interface ChainedPlugin {
  readonly type: string;
  /** Where it is. */
  readonly path: string;
  /** Those it answers to VERSION; none where it gives no answer. */
  readonly supportedVersions: readonly string[];
}

function typesOf({ types, conf }: FlatnetNetwork): readonly string[] {
  const others = types.filter((type) => type !== 'flatnet');
  return conf.ipam.from === 'source' ? [...others, conf.ipam.type] : others;
}

/** Other plugins of a list: flatnet's own is asked by itself. */
export function chainedTypes(network: FlatnetNetwork): readonly string[] {
  return [...new Set(typesOf(network))];
}

/** Asks every other plugin of the lists which versions it speaks. */
export async function inspectChained(
  networks: readonly FlatnetNetwork[],
  directories: readonly string[],
): Promise<readonly ChainedPlugin[]> {
  const types = [...new Set(networks.flatMap(chainedTypes))];
  const found = types.flatMap((type) => {
    const path = directories.map((directory) => `${directory}/${type}`).find(isExecutableFile);
    return path === undefined ? [] : [{ type, path }];
  });
  return Promise.all(
    found.map(async (one) => ({
      ...one,
      supportedVersions: (await askVersions(one.path)).supportedVersions,
    })),
  );
}
