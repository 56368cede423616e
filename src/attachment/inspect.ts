import { splitPrefix } from '../input/address.ts';
import type { Context } from '../sys/context.ts';
import { FlatnetError } from '../input/error.ts';
import { verifyBridge } from '../bridge/verify.ts';
import { showLinks } from '../sys/process/ip.ts';
import { openLinks } from '../sys/kernel.ts';
import type { KernelRoute } from '../sys/link-info.ts';
import { closeNetns, type Netns, openNetns } from '../sys/netns.ts';
import { hostIfname } from '../veth/name.ts';
import { listRoutes } from '../veth/routes.ts';
import { verifyAttachment } from '../veth/verify.ts';
import { step } from './explain.ts';
import { openHostStore } from './store.ts';
import { checkRules, RESTART } from './inspect-rules.ts';
import type { Expected, Job } from './spec.ts';

function routesIn(netns: Netns, ctx: Context): readonly KernelRoute[] {
  using kernel = openLinks(ctx, netns.fd);
  return ([4, 6] as const).flatMap((family) => listRoutes(kernel, family));
}

async function checkLinks(job: Job, own: Expected, netns: Netns): Promise<readonly string[]> {
  const { attachment, network, spec, ctx } = job;
  const host = hostIfname(attachment);
  const [[inside], links] = await Promise.all([
    showLinks({ ifname: attachment.ifname, netnsFd: netns.fd }, ctx),
    showLinks({}, ctx),
  ]);
  const seen = {
    inside,
    host: links.find(({ ifname }) => ifname === host),
    routes: routesIn(netns, ctx),
  };
  const expected = {
    ifname: attachment.ifname,
    mac: own.mac,
    mtu: network.mtu === undefined && spec.mtu === undefined ? undefined : own.mtu,
    link: spec.link,
    mayBeDown: network.disableContainerInterface,
    hostIfname: host,
    hostMac: own.macOf(host),
    furtherName: spec.hostInterfaceName,
    bridge: network.bridge,
    addresses: own.ips.map(({ address }) => address),
    routes: own.routes,
  };
  const gateways = own.ips.flatMap(({ address, gateway }) =>
    gateway === undefined || !network.isGateway ? [] : [`${gateway}/${splitPrefix(address).prefix}`],
  );
  const { bridge: name, promiscMode } = network;
  const bridge = { name, mac: own.macOf(name), gateways, promiscMode };
  return [
    ...verifyBridge(
      bridge,
      links.find(({ ifname }) => ifname === network.bridge),
    ),
    ...verifyAttachment(expected, seen),
  ];
}

async function checkLease({ attachment, network, ctx }: Job, own: Expected): Promise<readonly string[]> {
  if (network.ipam.from === 'source') {
    await network.ipam.check(ctx);
    return [];
  }
  const held = await openHostStore(network.ipam.dataDir, ctx).list({ network: network.name });
  return own.ips
    .map(({ address }) => splitPrefix(address).address)
    .flatMap((address) => {
      const holder = held.find((allocation) => allocation.address === address);
      if (holder === undefined) return [`Address ${address} is no longer allocated`];
      const isOurs = holder.containerID === attachment.containerID && holder.ifname === attachment.ifname;
      return isOurs ? [] : [`Address ${address} is allocated to container "${holder.containerID}"`];
    });
}

/**
 * Compares the kernel's links and routes, the rules and the allocation with the result that the caller holds.
 * @param listed differences that the caller found in the result itself.
 * @throws FlatnetError that names every difference.
 */
export async function inspect(job: Job, own: Expected, listed: readonly string[] = []): Promise<void> {
  const netns = openNetns(job.spec.netns, job.ctx);
  try {
    const [links, lease, rules] = await step({ kind: 'internal', doing: 'inspect the attachment' }, () =>
      Promise.all([checkLinks(job, own, netns), checkLease(job, own), checkRules(job, own.ips)]),
    );
    const differences = [...listed, ...links, ...lease];
    const [first, ...others] = [...differences, ...rules.found];
    if (first === undefined) return;
    // A restart restores rules, too; a reload restores nothing else.
    const remedy = differences.length > 0 ? RESTART : rules.remedy;
    throw new FlatnetError('veth', first, { details: [...others, remedy].join('; ') });
  } finally {
    closeNetns(netns);
  }
}
