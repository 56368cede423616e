import { FlatnetError } from '../input/error.ts';
import { hasBridges, NoBridgesError } from '../bridge/kind.ts';
import { lookAt } from '../sys/netlink/look.ts';
import { chooseBackend } from '../firewall/masquerade.ts';
import { type GatewaySpec, planRepair } from '../bridge/plan.ts';
import { formatAddress } from '../input/address.ts';
import { openNetlink, PROTOCOL } from '../sys/netlink/netlink.ts';
import { hasLink } from '../sys/proc.ts';
import { requireTool } from '../sys/process/tool.ts';
import { delegate } from '../cni/delegate.ts';
import { explain, step } from './explain.ts';
import { openHostStore } from './store.ts';
import { refuseLacking } from './kernel-needs.ts';
import { memorize } from './intent.ts';
import { othersOf } from './others.ts';
import { bridgeSpec } from './ready-bridge.ts';
import type { Request } from '../cni/request.ts';
import { refuseMissingFeatures } from './rules.ts';
import type { BuiltinIpam, NetConf } from '../cni/types.ts';

const TOOLS = ['ip', 'nsenter'];

function checkTools({ conf }: Request): void {
  const backend = chooseBackend(conf.ipMasqBackend) === 'nftables' ? 'nft' : 'iptables';
  for (const tool of conf.ipMasq ? [...TOOLS, backend] : TOOLS) requireTool(tool);
}

async function checkKernel(request: Request): Promise<void> {
  const { bridge } = request.conf;
  if (!hasLink(bridge) && !(await hasBridges(request.signal))) throw new NoBridgesError(bridge);
  await refuseMissingFeatures(memorize(request.conf, [], []), request.signal);
  await refuseLacking(request);
}

/** Whether an address is free, and can be written down: an entry is made as ADD makes it, and not kept. */
async function checkPool(conf: NetConf, ipam: BuiltinIpam): Promise<void> {
  try {
    await openHostStore(ipam.dataDir).probe(ipam.pool, othersOf(conf));
  } catch (error) {
    const { message, details } = explain(error, { kind: 'ipam', doing: 'look for a free address' });
    throw new FlatnetError('notReady', message, { details, cause: error });
  }
}

/** The gateways that the next ADD may give the bridge; nobody can tell those of another IPAM plugin. */
function gatewaysOf({ ipam, isGateway }: NetConf): readonly GatewaySpec[] {
  if (ipam.kind === 'delegated' || !isGateway) return [];
  return ipam.pool.sets.flatMap(([range]) => {
    if (range?.gateway === undefined) return [];
    const { family, gateway, subnet } = range;
    return [{ family, address: formatAddress({ family, value: gateway }), prefix: subnet.prefix }];
  });
}

/** A link in the bridge's place, or an address on it that is in the way, fails every ADD. */
function checkBridge({ conf }: Request): void {
  using netlink = openNetlink(PROTOCOL.route);
  const there = lookAt(netlink, conf.bridge);
  if (there === undefined) return;
  try {
    planRepair(bridgeSpec(conf, gatewaysOf(conf), undefined), there);
  } catch (error) {
    const { message, details } = explain(error, { kind: 'bridge', doing: 'look at the bridge' });
    throw new FlatnetError('notReady', message, { details, cause: error });
  }
}

/** STATUS (SPEC 1.1.0 section 2): code 50 when an ADD could not work, and why. */
export async function status(request: Request): Promise<void> {
  const { ipam } = request.conf;
  await step({ kind: 'notReady', doing: `serve network "${request.conf.name}"` }, async () => {
    checkTools(request);
    await checkKernel(request);
    checkBridge(request);
    if (ipam.kind === 'delegated') {
      await delegate(request, ipam, { verb: 'STATUS', signal: request.signal });
      return;
    }
    await checkPool(request.conf, ipam);
  });
}
