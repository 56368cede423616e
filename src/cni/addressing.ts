import { ipBatch } from '../sys/ip.ts';
import type { Netns } from '../sys/netns.ts';
import { CommandError, failedLine } from '../sys/run.ts';
import { DetectionError, enableDetection, untilHeard, untilUnique } from '../veth/duplicates.ts';
import { hostIfname } from '../veth/name.ts';
import { planSandbox } from '../veth/plan.ts';
import { CniError, CODE } from './errors.ts';
import { explain } from './explain.ts';
import type { Lease } from './lease.ts';
import type { Request } from './request.ts';

/** The sandbox, and what has to be done before anything can be done in it. */
export interface Ground {
  readonly netns: Netns;
  readonly after?: Promise<unknown>;
}

async function runLines(request: Request, { netns, after }: Ground, lines: readonly string[]): Promise<void> {
  try {
    await ipBatch(lines, { netnsFd: netns.fd, enter: true, signal: request.signal, after });
  } catch (error) {
    const failed = error instanceof CommandError ? failedLine(error.completed) : undefined;
    const line = lines[(failed ?? 0) - 1] ?? '';
    const isRoute = line.startsWith('route ');
    throw explain(error, {
      code: isRoute ? CODE.route : CODE.veth,
      doing: isRoute
        ? `add the route "${line}"`
        : `configure interface "${request.attachment.ifname}" in the sandbox`,
      ...(isRoute ? { remedy: 'check "ipam.routes" of the network configuration' } : {}),
    });
  }
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
async function addressUnique(request: Request, lease: Lease, { netns, after }: Ground): Promise<void> {
  const { attachment, signal } = request;
  const { ifname } = attachment;
  const ofFamily = (wanted: 4 | 6) => lease.addresses.filter(({ family }) => family === wanted);
  const checked = ofFamily(6).map((address) => ({ ...address, checkDuplicates: true }));
  await after;
  try {
    await enableDetection(ifname, netns, signal);
    await runLines(request, { netns }, planSandbox(ifname, ofFamily(4), []));
    await untilHeard(hostIfname(attachment), signal);
    await runLines(request, { netns }, planSandbox(ifname, checked, lease.routes));
    await untilUnique(ifname, netns, signal);
  } catch (error) {
    throw explainDetection(error, request);
  }
}

/**
 * Gives the sandbox its addresses and routes; one process, unless it has to be found out whose they are. That process is
 * started at once, beside the one that makes the interface.
 */
export async function addressSandbox(request: Request, lease: Lease, ground: Ground): Promise<void> {
  const { conf, attachment } = request;
  if (conf.enabledad && lease.addresses.some(({ family }) => family === 6)) {
    await addressUnique(request, lease, ground);
    return;
  }
  await runLines(request, ground, planSandbox(attachment.ifname, lease.addresses, lease.routes));
}
