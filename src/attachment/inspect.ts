import { FlatnetError } from '../input/error.ts';
import { verifyBridge } from '../bridge/verify.ts';
import { showLinks } from '../sys/process/ip.ts';
import { openNetlink, PROTOCOL } from '../sys/netlink/netlink.ts';
import { closeNetns, type Netns, openNetns } from '../sys/netns.ts';
import { hostIfname } from '../veth/name.ts';
import { type KernelRoute, listRoutes } from '../veth/routes.ts';
import { verifyAttachment } from '../veth/verify.ts';
import { delegate } from '../cni/delegate.ts';
import { step } from './explain.ts';
import { openHostStore } from './store.ts';
import { expectedRoutes } from './inspect-routes.ts';
import { checkRules, RESTART } from './inspect-rules.ts';
import type { Request } from '../cni/request.ts';
import { ipsOf } from '../cni/result.ts';
import type { Result, ResultInterface, ResultIP } from '../cni/types.ts';

/** The part of prevResult that is about this attachment. */
interface Own {
  readonly prevResult: Result;
  readonly inside: ResultInterface | undefined;
  readonly ips: readonly ResultIP[];
}

function ownPart(request: Request): Own {
  const { prevResult, name } = request.conf;
  if (prevResult === undefined) {
    throw new FlatnetError('invalid', `Missing "prevResult" in the configuration of network "${name}"`, {
      details:
        'CHECK compares the result of ADD with the kernel; the runtime must pass it (SPEC section 2, CHECK)',
    });
  }
  const { ifname } = request.attachment;
  const index = prevResult.interfaces.findIndex(
    ({ name: found, sandbox }) => found === ifname && (sandbox ?? '') !== '',
  );
  const ips = index < 0 ? prevResult.ips : ipsOf(prevResult, index);
  return { prevResult, inside: prevResult.interfaces[index], ips };
}

function macOf(own: Own, name: string): string | undefined {
  return own.prevResult.interfaces.find((found) => found.name === name && (found.sandbox ?? '') === '')?.mac;
}

function routesIn(netns: Netns): readonly KernelRoute[] {
  using netlink = openNetlink(PROTOCOL.route, netns.fd);
  return ([4, 6] as const).flatMap((family) => listRoutes(netlink, family));
}

async function checkLinks(request: Request, own: Own, netns: Netns): Promise<readonly string[]> {
  const { attachment, conf } = request;
  const host = hostIfname(attachment);
  const [[inside], links] = await Promise.all([
    showLinks(attachment.ifname, { netnsFd: netns.fd }),
    showLinks(),
  ]);
  const seen = {
    inside,
    host: links.find(({ ifname }) => ifname === host),
    routes: routesIn(netns),
  };
  const expected = {
    ifname: attachment.ifname,
    mac: own.inside?.mac,
    hostIfname: host,
    hostMac: macOf(own, host),
    bridge: conf.bridge,
    addresses: own.ips.map(({ address }) => address),
    routes: expectedRoutes(conf, own),
  };
  const gateways = own.ips.flatMap(({ address, gateway }) =>
    gateway === undefined || !conf.isGateway ? [] : [`${gateway}/${address.split('/')[1] ?? ''}`],
  );
  const { bridge: name, promiscMode } = conf;
  const bridge = { name, mac: macOf(own, name), gateways, promiscMode };
  return [
    ...verifyBridge(
      bridge,
      links.find(({ ifname }) => ifname === conf.bridge),
    ),
    ...verifyAttachment(expected, seen),
  ];
}

/** A result with interfaces, none of them ours, is not the result of this attachment. */
function checkListed(request: Request, own: Own): readonly string[] {
  if (own.inside !== undefined || own.prevResult.interfaces.length === 0) return [];
  return [`"prevResult" lists no interface "${request.attachment.ifname}" in a sandbox`];
}

async function checkLease(request: Request, own: Own): Promise<readonly string[]> {
  const { attachment, conf } = request;
  if (conf.ipam.kind === 'delegated') {
    await delegate(request, conf.ipam, { verb: 'CHECK', signal: request.signal });
    return [];
  }
  const held = await openHostStore(conf.ipam.dataDir).list({ network: conf.name });
  return own.ips
    .map(({ address }) => address.split('/')[0] ?? '')
    .flatMap((address) => {
      const holder = held.find((allocation) => allocation.address === address);
      if (holder === undefined) return [`Address ${address} is not allocated any more`];
      const isOurs = holder.containerID === attachment.containerID && holder.ifname === attachment.ifname;
      return isOurs ? [] : [`Address ${address} is allocated to container "${holder.containerID}"`];
    });
}

/** CHECK (SPEC section 2): compares prevResult with the kernel and the allocations, and names every difference. */
export async function check(request: Request): Promise<void> {
  const own = ownPart(request);
  const netns = openNetns(request.args.netns);
  try {
    const found = await step({ kind: 'internal', doing: 'inspect the attachment' }, () =>
      Promise.all([checkLinks(request, own, netns), checkLease(request, own), checkRules(request, own.ips)]),
    );
    const [links, lease, rules] = found;
    const attachment = [...checkListed(request, own), ...links, ...lease];
    const [first, ...others] = [...attachment, ...rules.found];
    if (first === undefined) return;
    // A restart makes rules anew, too; a reload would leave the rest as it is.
    const remedy = attachment.length > 0 ? RESTART : rules.remedy;
    throw new FlatnetError('veth', first, { details: [...others, remedy].join('; ') });
  } finally {
    closeNetns(netns);
  }
}
