import { linkIndex } from '../sys/link-requests.ts';
import { ask, openNetlink, PROTOCOL } from '../sys/netlink.ts';
import { NetlinkError } from '../sys/netlink-error.ts';
import type { Netns } from '../sys/netns.ts';
import { DetectionError, enableDetection, untilHeard, untilUnique } from '../veth/duplicates.ts';
import { hostIfname } from '../veth/name.ts';
import { type AddressSpec, planSandbox, type RouteSpec } from '../veth/plan.ts';
import { CniError, CODE } from './errors.ts';
import { explain } from './explain.ts';
import type { Lease } from './lease.ts';
import type { Request } from './request.ts';

/** Gives the interface addresses and routes, in the sandbox. */
function configure(
  { attachment: { ifname } }: Request,
  netns: Netns,
  { addresses, routes }: { addresses: readonly AddressSpec[]; routes: readonly RouteSpec[] },
): void {
  using netlink = openNetlink(PROTOCOL.route, netns.fd);
  const index = linkIndex(netlink, ifname);
  if (index === undefined) throw new Error(`Interface "${ifname}" has vanished from the sandbox`);
  for (const one of planSandbox({ name: ifname, index }, addresses, routes)) ask(netlink, one);
}

function explainConfigure(error: unknown, { attachment }: Request): CniError {
  const isRoute = error instanceof NetlinkError && error.says.startsWith('route ');
  return explain(error, {
    code: isRoute ? CODE.route : CODE.veth,
    doing: isRoute
      ? `add the route "${error.says}"`
      : `configure interface "${attachment.ifname}" in the sandbox`,
    ...(isRoute ? { remedy: 'check "ipam.routes" of the network configuration' } : {}),
  });
}

function explainDetection(error: unknown, { conf, attachment }: Request): unknown {
  if (!(error instanceof DetectionError)) return error;
  return new CniError(
    CODE.ipam,
    `Cannot give "${attachment.ifname}" its IPv6 address on network "${conf.name}": ${error.message}`,
    { details: error.remedy, cause: error },
  );
}

/** `enabledad`: the IPv6 addresses come when a question about them is heard, and are nobody else's on return. */
async function addressUnique(request: Request, lease: Lease, netns: Netns): Promise<void> {
  const { attachment, signal } = request;
  const { ifname } = attachment;
  const ofFamily = (wanted: 4 | 6) => lease.addresses.filter(({ family }) => family === wanted);
  const checked = ofFamily(6).map((address) => ({ ...address, checkDuplicates: true }));
  await enableDetection(ifname, netns, signal);
  configure(request, netns, { addresses: ofFamily(4), routes: [] });
  await untilHeard(hostIfname(attachment), signal);
  configure(request, netns, { addresses: checked, routes: lease.routes });
  await untilUnique(ifname, netns, signal);
}

/** Gives the sandbox its addresses and routes; no process, unless it has to be found out whose they are. */
export async function addressSandbox(request: Request, lease: Lease, netns: Netns): Promise<void> {
  const isChecked = request.conf.enabledad && lease.addresses.some(({ family }) => family === 6);
  try {
    if (isChecked) await addressUnique(request, lease, netns);
    else configure(request, netns, lease);
  } catch (error) {
    throw explainConfigure(explainDetection(error, request), request);
  }
}
