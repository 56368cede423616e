import { attach } from '../attachment/attach.ts';
import type { Host } from '../sys/process/host.ts';
import type { Call } from './call.ts';
import { parseRequest } from './request.ts';
import { type Command, serve } from './serve.ts';
import { formatStatus } from './status.ts';

async function setup({ fields, netns, ctx, deliver }: Call): Promise<void> {
  const { job } = parseRequest(fields, netns, ctx);
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
