import { FlatnetError } from '../input/error.ts';
import { hasBridges, NoBridgesError } from '../bridge/kind.ts';
import type { Context } from '../sys/context.ts';
import { chooseBackend } from '../firewall/masquerade.ts';
import { type GatewaySpec, planRepair } from '../bridge/plan.ts';
import { formatAddress } from '../input/address.ts';
import { look, openLinks } from '../sys/kernel.ts';
import { hasLink } from '../sys/proc.ts';
import { requireTool } from '../sys/process/tool.ts';
import { explain, step } from './explain.ts';
import { openHostStore } from './store.ts';
import { refuseLacking } from './kernel-needs.ts';
import { intentFor } from './intent.ts';
import { othersOf } from './others.ts';
import { bridgeSpec } from './ready-bridge.ts';
import type { Job, NetworkSpec, PoolIpam } from './spec.ts';
import { refuseMissingFeatures } from './rules.ts';
import { requireBridge } from './unmanaged.ts';

const TOOLS = ['ip', 'nsenter'];

function checkTools({ network }: Job): void {
  const backend = chooseBackend(network.ipMasqBackend) === 'nftables' ? 'nft' : 'iptables';
  for (const tool of network.ipMasq ? [...TOOLS, backend] : TOOLS) requireTool(tool);
}

async function checkKernel(job: Job): Promise<void> {
  const { network, ctx } = job;
  requireBridge(network);
  if (!hasLink(network.bridge) && !(await hasBridges(ctx))) throw new NoBridgesError(network.bridge);
  await refuseMissingFeatures(intentFor(network, { subnets: [], portMappings: [] }), ctx);
  await refuseLacking(job);
}

/** Makes an entry as ADD does, without keeping it: an address must be free, and the file writable. */
async function checkPool(network: NetworkSpec, ipam: PoolIpam, ctx: Context): Promise<void> {
  try {
    await openHostStore(ipam.dataDir, ctx).probe(ipam.pool, othersOf(network, {}, ctx));
  } catch (error) {
    const { message, details } = explain(error, { kind: 'ipam', doing: 'look for a free address' });
    throw new FlatnetError('notReady', message, { details, cause: error });
  }
}

/** Gateways that the next ADD may give the bridge; those of another IPAM plugin are unknown. */
function gatewaysOf({ ipam, isGateway }: NetworkSpec): readonly GatewaySpec[] {
  if (ipam.from === 'source' || !isGateway) return [];
  return ipam.pool.sets.flatMap(([range]) => {
    if (range?.gateway === undefined) return [];
    const { family, gateway, subnet } = range;
    return [{ family, address: formatAddress({ family, value: gateway }), prefix: subnet.prefix }];
  });
}

/** A link of another kind with the bridge's name, or a conflicting address on the bridge, fails every ADD. */
function checkBridge({ network, ctx }: Job): void {
  using kernel = openLinks(ctx);
  const there = look(kernel, network.bridge);
  if (there === undefined) return;
  try {
    planRepair(bridgeSpec(network, gatewaysOf(network), undefined), there);
  } catch (error) {
    const { message, details } = explain(error, { kind: 'bridge', doing: 'look at the bridge' });
    throw new FlatnetError('notReady', message, { details, cause: error });
  }
}

/** Refuses if the next attach would fail. @throws FlatnetError of kind `notReady`, or of the part that is not. */
export async function checkReadiness(job: Job): Promise<void> {
  const { network, ctx } = job;
  await step({ kind: 'notReady', doing: `serve network "${network.name}"` }, async () => {
    checkTools(job);
    await checkKernel(job);
    checkBridge(job);
    if (network.ipam.from === 'source') await network.ipam.ready(ctx);
    else await checkPool(network, network.ipam, ctx);
  });
}
