import { readWatched } from '../sys/files/watched-file.ts';
import type { Daemon } from '../sys/process/daemon.ts';
import {
  AARDVARK_PID,
  aardvarkArgs,
  aardvarkDirectory,
  aardvarkFile,
  formatAardvark,
  upstreamsFor,
} from './aardvark.ts';
import { DNSMASQ_HOSTS, DNSMASQ_PID, dnsmasqArgs, dnsmasqDirectory, formatDnsmasq } from './dnsmasq.ts';
import { ROOT } from './places.ts';
import type { FilledZone, ServerProgram, Zone } from './zone.ts';

/** What the two servers differ in. */
export interface Engine {
  readonly kind: ServerProgram['kind'];
  /** The zone's file, and what goes when the zone goes. */
  readonly file: string;
  readonly remains: string;
  readonly format: (filled: FilledZone) => string;
  readonly daemon: Daemon;
  /** Whether it serves other zones, too, and so is told of a change and ends by itself with the last of them. */
  readonly isShared: boolean;
}

const PORT = 53;
const RESOLV_CONF = '/etc/resolv.conf';

function aardvark(zone: Zone, path: string): Engine {
  const directory = `${ROOT}/${aardvarkDirectory(zone.domain)}`;
  const file = `${directory}/${aardvarkFile(zone)}`;
  return {
    kind: 'aardvark',
    file,
    remains: file,
    format: (filled) => formatAardvark(filled, upstreamsFor(zone, readWatched(RESOLV_CONF) ?? '')),
    isShared: true,
    daemon: {
      name: `flatnet-names-${zone.domain}`,
      path,
      args: aardvarkArgs(directory, zone.domain, PORT),
      pidFile: `${directory}/${AARDVARK_PID}`,
      mark: directory,
      output: `${ROOT}/aardvark-${zone.domain}.out`,
    },
  };
}

function dnsmasq(zone: Zone, path: string): Engine {
  const directory = `${ROOT}/${dnsmasqDirectory(zone.network)}`;
  return {
    kind: 'dnsmasq',
    file: `${directory}/${DNSMASQ_HOSTS}/names`,
    remains: directory,
    format: formatDnsmasq,
    isShared: false,
    daemon: {
      name: `flatnet-names-${zone.network}`,
      path,
      args: dnsmasqArgs(directory, zone, PORT),
      pidFile: `${directory}/${DNSMASQ_PID}`,
      mark: `--pid-file=${directory}/${DNSMASQ_PID}`,
      output: `${ROOT}/dnsmasq-${zone.network}.out`,
    },
  };
}

/** The engine for a zone; a daemon is only started, never found, by the program's path. */
export function engineFor(zone: Zone, { kind, path }: ServerProgram): Engine {
  return kind === 'aardvark' ? aardvark(zone, path) : dnsmasq(zone, path);
}
