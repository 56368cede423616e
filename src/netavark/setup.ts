import { attach } from '../attachment/attach.ts';
import { FlatnetError } from '../input/error.ts';
import { hasLink } from '../sys/proc.ts';
import type { Host } from '../sys/process/host.ts';
import type { Call } from './call.ts';
import { parseRequest } from './request.ts';
import { type Command, serve } from './serve.ts';
import { formatStatus } from './status.ts';

/** An unmanaged bridge is somebody else's, who makes it. */
function requireBridge(bridge: string, network: string): void {
  if (hasLink(bridge)) return;
  throw new FlatnetError('bridge', `Cannot use bridge "${bridge}" of network "${network}": it is not there`, {
    details: `the network has mode=unmanaged, so flatnet does not make it: ip link add ${bridge} type bridge; ip link set ${bridge} up`,
  });
}

async function setup({ fields, netns, ctx, deliver }: Call): Promise<void> {
  const { job, isUnmanaged } = parseRequest(fields, netns, ctx);
  if (isUnmanaged) requireBridge(job.network.bridge, job.network.name);
  await attach(job, (attached) => {
    deliver(formatStatus(job.network, attached));
  });
}

/** `setup`: attaches a container. Podman calls no `teardown` for one that failed: attach() undoes it. */
const SETUP: Command = {
  word: 'setup',
  isInterruptible: true,
  what: 'the request of netavark on stdin',
  run: setup,
};

/** Serves `setup`; returns the exit code. */
export function serveSetup(host: Host, netns: string): Promise<number> {
  return serve(host, SETUP, netns);
}
