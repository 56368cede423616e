import { readContainersConf } from '../facts/containers-conf.ts';
import { LAYOUT } from '../layout.ts';

/** Where networks are kept on this machine: where Podman looks. */
export function networkDirectory(): string {
  return readContainersConf().networkDirectory ?? LAYOUT.networkDirectory;
}
