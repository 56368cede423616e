import type { Context } from '../context.ts';
import { run, runToEnd } from './run.ts';
import { findTool } from './tool.ts';

/**
 * Deletes the tracked UDP flows to host ports: otherwise packets of a client that keeps sending bypass a new mapping,
 * or go to a container that is gone. Does nothing if conntrack(8) is not installed. Runs one process, and another for
 * each port with a flow.
 */
export async function flushUdpFlows(ports: readonly number[], ctx: Context): Promise<void> {
  if (ports.length === 0 || findTool('conntrack') === undefined) return;
  const { stdout } = await run({ tool: 'conntrack', args: ['-L', '-p', 'udp'] }, ctx);
  const seen = new Set(stdout.split('\n').map((line) => / dport=(\d+) /.exec(line)?.[1]));
  const stale = ports.filter((port) => seen.has(String(port)));
  // Exit code 1 means that the flow ended meanwhile.
  await Promise.all(
    stale.map((port) =>
      runToEnd({ tool: 'conntrack', args: ['-D', '-p', 'udp', '--orig-port-dst', String(port)] }, ctx),
    ),
  );
}
