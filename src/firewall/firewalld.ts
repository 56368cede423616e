import type { Context } from '../sys/context.ts';
import { run, runToEnd } from '../sys/process/run.ts';

/** firewall-cmd is a Python program on D-Bus: it takes half a second, more on a busy machine. */
const TIMEOUT_MS = 15_000;
const SCOPES = [[], ['--permanent']] as const;

function firewallCmd(args: readonly string[]) {
  return { tool: 'firewall-cmd', args, timeoutMs: TIMEOUT_MS };
}

export async function firewalldTrusts(bridge: string, ctx: Context): Promise<boolean> {
  const { exitCode } = await runToEnd(firewallCmd(['--zone=trusted', `--query-interface=${bridge}`]), ctx);
  return exitCode === 0;
}

/** Changes the running configuration and the permanent one. */
export async function trustBridge(bridge: string, ctx: Context): Promise<void> {
  for (const scope of SCOPES) {
    await run(firewallCmd([...scope, '--zone=trusted', `--change-interface=${bridge}`]), ctx);
  }
}

/** Succeeds also if firewalld has stopped or does not know the bridge. */
export async function untrustBridge(bridge: string, ctx: Context): Promise<void> {
  for (const scope of SCOPES) {
    await runToEnd(firewallCmd([...scope, '--zone=trusted', `--remove-interface=${bridge}`]), ctx);
  }
}
