import type { Context } from '../context.ts';
import { run, runToEnd } from './run.ts';
import { findTool } from './tool.ts';

/**
 * Makes the kernel forget the UDP flows to ports of the host: a client that keeps sending would go where it went
 * before, past a new mapping or to a container that is gone. Nothing is done where conntrack(8) is not installed.
 * One process where there is no such flow, one more for each port that has one.
 */
export async function flushUdpFlows(ports: readonly number[], ctx: Context): Promise<void> {
  if (ports.length === 0 || findTool('conntrack') === undefined) return;
  const { stdout } = await run({ tool: 'conntrack', args: ['-L', '-p', 'udp'] }, ctx);
  const seen = new Set(stdout.split('\n').map((line) => / dport=(\d+) /.exec(line)?.[1]));
  const stale = ports.filter((port) => seen.has(String(port)));
  // Exit code 1 says that there was nothing to delete: the flow ended meanwhile.
  await Promise.all(
    stale.map((port) =>
      runToEnd({ tool: 'conntrack', args: ['-D', '-p', 'udp', '--orig-port-dst', String(port)] }, ctx),
    ),
  );
}
