import { type ContainersConf, readContainersConf } from '../../sys/containers-conf.ts';
import { LAYOUT } from '../layout.ts';
import type { NetworkDirectories } from './host-network.ts';

/** The network directories of this machine: Podman's. `network_config_dir` is that of both kinds. */
export function networkDirectories(conf: ContainersConf = readContainersConf()): NetworkDirectories {
  return {
    cni: conf.networkDirectory ?? LAYOUT.networkDirectory,
    netavark: conf.networkDirectory ?? LAYOUT.driverNetworkDirectory,
  };
}
