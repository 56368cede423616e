import { detach } from '../attachment/detach.ts';
import type { Host } from '../sys/process/host.ts';
import type { Call } from './call.ts';
import { parseForTeardown } from './request.ts';
import { type Command, serve } from './serve.ts';

async function teardown({ fields, netns, ctx }: Call): Promise<void> {
  await detach(parseForTeardown(fields, netns, ctx).job);
}

/** `teardown`. Absent is success; Podman never asks twice, and its answer is nothing. */
const TEARDOWN: Command = {
  word: 'teardown',
  isInterruptible: false,
  what: 'the request of netavark on stdin',
  run: teardown,
};

/** Serves `teardown`; returns the exit code. */
export function serveTeardown(host: Host, netns: string): Promise<number> {
  return serve(host, TEARDOWN, netns);
}
