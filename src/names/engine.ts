import { DNS_PORT } from '../input/dns-port.ts';
import { readTextFile } from '../sys/files/files.ts';
import { listNames } from '../sys/files/text-file.ts';
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
import { notedZones } from './noted.ts';
import { ROOT } from './places.ts';
import type { FilledZone, ServerProgram, Zone } from './zone.ts';

/** What the two servers differ in. */
export interface Engine {
  /** The zone's file, and what goes when the zone goes. */
  readonly file: string;
  readonly remains: string;
  readonly format: (filled: FilledZone) => string;
  readonly daemon: Daemon;
  /** The file of the zone as it was when other servers could, or could not, be asked. */
  readonly outdated: string | undefined;
  /** Whether it has other zones to serve. */
  readonly hasOthers: () => boolean;
  /** Whether it may serve several zones, and has to be told of a change. */
  readonly isShared: boolean;
}

const RESOLV_CONF = '/etc/resolv.conf';

/** Addresses of all zones: a server that asks one of them for other names is asked in a circle. */
function ownAddresses({ listen }: Zone): readonly string[] {
  return [...listen, ...notedZones().flatMap(({ zone }) => zone.listen)];
}

function aardvark(asked: Zone, path: string): Engine {
  const upstreams = upstreamsFor(ownAddresses(asked), readTextFile(RESOLV_CONF) ?? '');
  const zone = { ...asked, internal: asked.internal || upstreams === 'none' };
  const directory = `${ROOT}/${aardvarkDirectory(zone.domain)}`;
  const fileOf = (internal: boolean) => `${directory}/${aardvarkFile({ ...zone, internal })}`;
  return {
    file: fileOf(zone.internal),
    outdated: fileOf(!zone.internal),
    remains: fileOf(zone.internal),
    format: (filled) => formatAardvark(filled, upstreams === 'none' ? [] : upstreams),
    hasOthers: () => listNames(directory).some((name) => name !== AARDVARK_PID),
    isShared: true,
    daemon: {
      name: `flatnet-aardvark-${zone.domain}`,
      path,
      args: aardvarkArgs(directory, zone.domain, zone.port ?? DNS_PORT),
      pidFile: `${directory}/${AARDVARK_PID}`,
      mark: directory,
      output: `${ROOT}/aardvark-${zone.domain}.out`,
    },
  };
}

function dnsmasq(zone: Zone, path: string): Engine {
  const directory = `${ROOT}/${dnsmasqDirectory(zone.network)}`;
  return {
    file: `${directory}/${DNSMASQ_HOSTS}/names`,
    outdated: undefined,
    remains: directory,
    format: formatDnsmasq,
    hasOthers: () => false,
    isShared: false,
    daemon: {
      name: `flatnet-dnsmasq-${zone.network}`,
      path,
      args: dnsmasqArgs(directory, zone),
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
