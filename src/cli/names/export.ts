import { hostsLines } from '../../names/hosts-block.ts';
import type { FilledZone } from '../../names/zone.ts';
import { familyOf } from '../../input/address.ts';
import { CliError } from '../failure.ts';
import { jsonText } from '../io.ts';

/*
 * Names for other servers of names, as texts. Pure. What is exported is a copy: containers that come later are not in it.
 */

export const FORMATS = ['hosts', 'zone', 'json'] as const;
export type Format = (typeof FORMATS)[number];

/** RFC 952 and 1123: a server that checks names refuses a zone with others; containers may have them all the same. */
const HOST_NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const TIMES = '3600 600 86400 0';

/** A network as programs read it. */
export function describeZone({ zone: { network, domain, listen }, records }: FilledZone): object {
  const containers = records.map(({ containerID, names, addresses }) => ({
    id: containerID,
    names,
    addresses,
  }));
  return { network, domain, servers: listen, containers };
}

/** Resource records of one domain (RFC 1035 section 5): an address is for a container, and asked for anew each time. */
function zoneText(domain: string, zones: readonly FilledZone[], serial: number): string {
  const named = zones.flatMap(({ records }) =>
    records.flatMap(({ names, addresses }) => names.map((name) => ({ name, addresses }))),
  );
  const lines = named.flatMap(({ name, addresses }) => {
    if (!HOST_NAME.test(name)) return [`; left out: ${name} (no host name by RFC 1123)`];
    return addresses.map((address) => `${name} IN ${familyOf(address) === 4 ? 'A' : 'AAAA'} ${address}`);
  });
  const head = [
    `$ORIGIN ${domain}.`,
    '$TTL 0',
    `@ IN SOA localhost. hostmaster.localhost. ${serial} ${TIMES}`,
    '@ IN NS localhost.',
  ];
  return [...head, ...new Set(lines), ''].join('\n');
}

function exportZone(zones: readonly FilledZone[], now: Date): string {
  const [domain, ...others] = new Set(zones.map(({ zone }) => zone.domain));
  if (domain === undefined) return '';
  if (others.length === 0) return zoneText(domain, zones, Math.floor(now.getTime() / 1000));
  const networks = zones.map(({ zone }) => `${zone.network} (${zone.domain})`).join(', ');
  throw new CliError(
    'Cannot export one zone: the networks have several domains',
    `choose with --network: ${networks}`,
  );
}

/**
 * @param now for the serial number of a zone: seconds since 1970.
 * @throws CliError for a zone of several domains.
 */
export function exportNames(zones: readonly FilledZone[], format: Format, now: Date): string {
  switch (format) {
    case 'hosts':
      return zones
        .flatMap(hostsLines)
        .map((line) => `${line}\n`)
        .join('');
    case 'zone':
      return exportZone(zones, now);
    case 'json':
      return jsonText({ networks: zones.map(describeZone) });
  }
}
