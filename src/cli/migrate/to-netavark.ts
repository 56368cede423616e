import { formatAddress, withoutPrefix } from '../../input/address.ts';
import { describeGateway, describeSubnet, hostsOf } from '../../ipam/range.ts';
import type { Range } from '../../ipam/types.ts';
import { formatNetworkFile, isNetworkId, OWN_IPAM } from '../../netavark/network-file.ts';
import { conflistLosses, STAMP } from './conflist-losses.ts';
import { driverOptions } from './driver-options.ts';
import { type Loss, objectAt } from './loss.ts';
import { narrow } from './narrow.ts';
import { firstRanges, routesOf, splitRoutes } from './routes.ts';
import { pluginOf, type Source } from './source.ts';

/** The text of the other kind's file, and what it has no word for. */
export interface Conversion {
  readonly text: string;
  readonly losses: readonly Loss[];
}

/** What the file of a network of netavark needs besides; used where the network has not been one before. */
export interface NewStamp {
  /** Podman's CNI has the SHA-256 of the name as the id. */
  readonly id: string;
  /** RFC 3339. */
  readonly created: string;
}

function subnetOf(range: Range): object {
  const { family, subnet, dynamic } = range;
  const hosts = hostsOf(subnet, family);
  const isWhole = dynamic.first === hosts.first && dynamic.last === hosts.last;
  const text = (value: bigint) => formatAddress({ family, value });
  const lease = { lease_range: { start_ip: text(dynamic.first), end_ip: text(dynamic.last) } };
  return {
    subnet: describeSubnet(range),
    gateway: withoutPrefix(describeGateway(range)),
    ...(isWhole ? {} : lease),
  };
}

/** Id and time of a network that was netavark's before it was CNI's. */
function stampOf({ fields }: Source, fallback: NewStamp): NewStamp {
  const { id, created } = objectAt(objectAt(fields, 'args'), STAMP);
  return {
    id: typeof id === 'string' && isNetworkId(id) ? id : fallback.id,
    created: typeof created === 'string' && !Number.isNaN(Date.parse(created)) ? created : fallback.created,
  };
}

/** Turns a conflist into the file of a network of netavark. */
export function toNetavark(source: Source, fallback: NewStamp): Conversion {
  const { moved, fields } = source;
  const hasTopLevel = objectAt(pluginOf(fields), 'ipam')['subnet'] !== undefined;
  const { kept, losses } = narrow(moved.conf, hasTopLevel);
  const split = splitRoutes(kept, routesOf(kept));
  const ranges = firstRanges(kept);
  const { id, created } = stampOf(source, fallback);
  const text = formatNetworkFile({
    name: moved.name,
    id,
    network_interface: kept.bridge,
    created,
    subnets: ranges.map(subnetOf),
    routes: split.routes.map(({ dst: destination, gw: gateway, priority: metric }) => ({
      destination,
      gateway,
      ...(metric === undefined ? {} : { metric }),
    })),
    ipv6_enabled: ranges.some(({ family }) => family === 6),
    internal: kept.internal,
    dns_enabled: kept.names !== undefined,
    network_dns_servers: kept.dns.nameservers ?? [],
    labels: moved.labels,
    options: driverOptions({ ...moved, conf: kept }, split),
    ipam_options: { driver: OWN_IPAM },
  });
  return { text, losses: [...source.losses, ...conflistLosses(fields), ...losses] };
}
