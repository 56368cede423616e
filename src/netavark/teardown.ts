import { detach } from '../attachment/detach.ts';
import type { Call } from './call.ts';
import { parseForTeardown } from './request.ts';

/** `teardown`. Absent is success; Podman never asks twice, and its answer is nothing. */
export async function teardown({ fields, netns, ctx }: Call): Promise<void> {
  await detach(parseForTeardown(fields, netns, ctx).job);
}
