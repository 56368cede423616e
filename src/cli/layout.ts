import { LOG_DIRECTORY, LOG_FILE } from '../attachment/log.ts';
import { PLACES } from '../gateway/settings.ts';
import { DEFAULT_DATA_DIR } from '../ipam/store.ts';
import { NETWORK_DIRECTORIES } from '../sys/network-directories.ts';

/** Paths of an installation; `--root` prefixes them all, for building an image. */
export interface Layout {
  readonly root: string;
  /** The plugin, in the directory that every runtime searches. */
  readonly executable: string;
  /** The command: a link to the plugin. */
  readonly command: string;
  /** The same as a driver of netavark, first in its search order and writable where /usr is not. */
  readonly driver: string;
  /** The daemon of the gateway, and its settings. */
  readonly daemon: string;
  readonly daemonSettings: string;
  /** Network configurations of CNI runtimes. */
  readonly networkDirectory: string;
  /** Networks of netavark. */
  readonly driverNetworkDirectory: string;
  /** What Podman is told of its backend. */
  readonly containersConf: string;
  readonly sysctlFile: string;
  readonly logrotateFile: string;
  /** Of the gateway's nginx. */
  readonly nginxLogrotateFile: string;
  readonly unitDirectory: string;
  readonly dataDirectory: string;
  readonly logDirectory: string;
  readonly log: string;
}

export function layoutUnder(root: string): Layout {
  const base = root.replace(/\/+$/, '');
  return {
    root: base === '' ? '/' : base,
    executable: `${base}/opt/cni/bin/flatnet`,
    command: `${base}/usr/local/bin/flatnet`,
    driver: `${base}/usr/local/libexec/netavark/flatnet`,
    daemon: `${base}/usr/local/sbin/flatnetd`,
    daemonSettings: `${base}${PLACES.settings}`,
    networkDirectory: `${base}${NETWORK_DIRECTORIES.cni}`,
    driverNetworkDirectory: `${base}${NETWORK_DIRECTORIES.netavark}`,
    containersConf: `${base}/etc/containers/containers.conf.d/flatnet.conf`,
    sysctlFile: `${base}/etc/sysctl.d/99-flatnet.conf`,
    logrotateFile: `${base}/etc/logrotate.d/flatnet`,
    nginxLogrotateFile: `${base}/etc/logrotate.d/flatnet-nginx`,
    unitDirectory: `${base}/etc/systemd/system`,
    dataDirectory: `${base}${DEFAULT_DATA_DIR}`,
    logDirectory: `${base}${LOG_DIRECTORY}`,
    log: `${base}${LOG_DIRECTORY}/${LOG_FILE}`,
  };
}

export const LAYOUT = layoutUnder('/');
