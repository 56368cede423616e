import { isExecutableFile } from '../../sys/process/tool.ts';
import type { FlatnetNetwork } from '../../cni/conflist.ts';
import { askVersions } from './plugin.ts';

/** Another plugin in a list of flatnet's: a chained one, or the IPAM plugin. */
export interface ChainedPlugin {
  readonly type: string;
  readonly path: string;
  /** From its answer to VERSION; empty if it does not answer. */
  readonly supportedVersions: readonly string[];
}

function typesOf({ types, conf }: FlatnetNetwork): readonly string[] {
  const others = types.filter((type) => type !== 'flatnet');
  if (conf.ipam.from !== 'source' || conf.disableContainerInterface === true) return others;
  return [...others, conf.ipam.type];
}

/** Without flatnet itself, which inspectPlugins() asks. */
export function chainedTypes(network: FlatnetNetwork): readonly string[] {
  return [...new Set(typesOf(network))];
}

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
