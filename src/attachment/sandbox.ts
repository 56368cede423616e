import { familyOf } from '../input/address.ts';
import { FlatnetError } from '../input/error.ts';
import { apply, indexOf, type Kernel, openLinks } from '../sys/kernel.ts';
import type { Device } from '../sys/link-info.ts';
import { isRefusal, NetlinkError } from '../sys/netlink/error.ts';
import { setSettings } from '../sys/netlink/link-settings.ts';
import type { Netns } from '../sys/netns.ts';
import { DetectionError, enableDetection, untilHeard, untilUnique } from '../veth/duplicates.ts';
import { hostIfname } from '../veth/name.ts';
import { placeRoute } from '../veth/place-route.ts';
import { type AddressSpec, planRoute, planSandbox, type RouteSpec } from '../veth/plan.ts';
import { listRoutes } from '../veth/routes.ts';
import { enableIPv6 } from '../veth/tune.ts';
import { explain } from './explain.ts';
import type { Lease } from './leased.ts';
import type { Job } from './spec.ts';

const ATTEMPTS = 4;

/**
 * Adds a route behind existing equal ones. Retries: another network of the container may be attached at the same time.
 */
function addRoute(kernel: Kernel, device: Device, route: RouteSpec): void {
  for (let attempt = 1; ; attempt++) {
    const placed = placeRoute(route, device.index, listRoutes(kernel, familyOf(route.dst)));
    if (placed === undefined) return;
    try {
      apply(kernel, [planRoute(placed, device)]);
      return;
    } catch (error) {
      if (!isRefusal(error, 'EEXIST') || attempt === ATTEMPTS) throw error;
    }
  }
}

function configure(
  { attachment: { ifname }, network, spec: { link }, ctx }: Job,
  netns: Netns,
  { addresses, routes }: { addresses: readonly AddressSpec[]; routes: readonly RouteSpec[] },
): void {
  using kernel = openLinks(ctx, netns.fd);
  const index = indexOf(kernel, ifname);
  if (index === undefined) throw new Error(`Interface "${ifname}" has vanished from the sandbox`);
  const device = { name: ifname, index };
  if (addresses.some(({ family }) => family === 6)) enableIPv6(ifname, netns, ctx);
  if (link !== undefined) apply(kernel, [setSettings(ifname, link)]);
  if (network.disableContainerInterface === true) return;
  apply(kernel, planSandbox(device, addresses, []));
  for (const route of routes) addRoute(kernel, device, route);
}

function explainConfigure(error: unknown, { attachment }: Job): FlatnetError {
  const isRoute = error instanceof NetlinkError && error.line.startsWith('route ');
  return explain(error, {
    kind: isRoute ? 'route' : 'veth',
    doing: isRoute
      ? `add the route "${error.line}"`
      : `configure interface "${attachment.ifname}" in the sandbox`,
    ...(isRoute ? { remedy: 'check the routes of the network configuration' } : {}),
  });
}

function explainDetection(error: unknown, { network, attachment }: Job): unknown {
  if (!(error instanceof DetectionError)) return error;
  return new FlatnetError(
    'ipam',
    `Cannot give "${attachment.ifname}" its IPv6 address on network "${network.name}": ${error.message}`,
    { details: error.remedy, cause: error },
  );
}

/** `enabledad`: adds IPv6 addresses once the bridge forwards solicitations; returns when each is known to be unique. */
async function addressUnique(job: Job, lease: Lease, netns: Netns): Promise<void> {
  const { attachment, ctx } = job;
  const { ifname } = attachment;
  const ofFamily = (wanted: 4 | 6) => lease.addresses.filter(({ family }) => family === wanted);
  const checked = ofFamily(6).map((address) => ({ ...address, checkDuplicates: true }));
  enableDetection(ifname, netns, ctx);
  configure(job, netns, { addresses: ofFamily(4), routes: [] });
  await untilHeard(hostIfname(attachment), ctx);
  configure(job, netns, { addresses: checked, routes: lease.routes });
  await untilUnique(ifname, netns, ctx);
}

/** Runs a process only for duplicate address detection. */
export async function addressSandbox(job: Job, lease: Lease, netns: Netns): Promise<void> {
  const isChecked = job.network.enabledad && lease.addresses.some(({ family }) => family === 6);
  try {
    if (isChecked) await addressUnique(job, lease, netns);
    else configure(job, netns, lease);
  } catch (error) {
    throw explainConfigure(explainDetection(error, job), job);
  }
}
