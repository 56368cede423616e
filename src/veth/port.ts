import type { Context } from '../sys/context.ts';
import { until } from '../sys/clock.ts';
import { showLinks } from '../sys/process/ip.ts';

const LOOK_EVERY_MS = 20;

/**
 * Waits until the bridge forwards for a pair: a millisecond after its other end comes up, more on a busy machine, half
 * a minute with spanning tree.
 * @returns the last state of the port: `forwarding`, or the reason for a timeout.
 */
export async function awaitForwarding(hostIfname: string, timeoutMs: number, ctx: Context): Promise<string> {
  let state = 'absent';
  await until(
    async () => {
      const [link] = await showLinks({ ifname: hostIfname }, ctx);
      state = link?.linkinfo?.info_slave_data?.state ?? state;
      return state === 'forwarding' ? state : undefined;
    },
    { timeoutMs, everyMs: LOOK_EVERY_MS },
  );
  return state;
}
