import { readContainersConf } from '../../sys/containers-conf.ts';
import { LAYOUT } from '../layout.ts';

/** The network directory of this machine: Podman's. */
export function networkDirectory(): string {
  return readContainersConf().networkDirectory ?? LAYOUT.networkDirectory;
}
