import type { Context } from '../sys/context.ts';
import { CommandError, run, runToEnd } from '../sys/process/run.ts';

/** firewall-cmd is a Python program on D-Bus: it takes half a second, more on a busy machine. */
const TIMEOUT_MS = 15_000;
const SCOPES = [[], ['--permanent']] as const;
/** firewalld accepts everything from and to its interfaces. */
export const TRUSTED = 'trusted';

/** A link and the zone of firewalld that it belongs in. */
export interface Binding {
  readonly bridge: string;
  readonly zone: string;
}

/** The zone is not defined; the remedy is for a shell. */
export class ZoneMissingError extends Error {
  readonly remedy: string;

  constructor({ bridge, zone }: Binding) {
    super(`Cannot put bridge "${bridge}" into zone "${zone}": firewalld has no such zone`);
    this.name = 'ZoneMissingError';
    this.remedy = `make it, or set another "firewalldZone": sudo firewall-cmd --permanent --new-zone=${zone}; sudo firewall-cmd --reload`;
  }
}

function firewallCmd(args: readonly string[]) {
  return { tool: 'firewall-cmd', args, timeoutMs: TIMEOUT_MS };
}

export async function isBound({ bridge, zone }: Binding, ctx: Context): Promise<boolean> {
  const { exitCode } = await runToEnd(firewallCmd([`--zone=${zone}`, `--query-interface=${bridge}`]), ctx);
  return exitCode === 0;
}

/** Changes the running configuration and the permanent one; leaves any other zone. @throws ZoneMissingError */
export async function bind(binding: Binding, ctx: Context): Promise<void> {
  const { bridge, zone } = binding;
  try {
    for (const scope of SCOPES) {
      await run(firewallCmd([...scope, `--zone=${zone}`, `--change-interface=${bridge}`]), ctx);
    }
  } catch (error) {
    const isMissing = error instanceof CommandError && error.completed.stderr.includes('INVALID_ZONE');
    throw isMissing ? new ZoneMissingError(binding) : error;
  }
}

/** Succeeds also if firewalld has stopped or does not know the bridge. */
export async function unbind({ bridge, zone }: Binding, ctx: Context): Promise<void> {
  for (const scope of SCOPES) {
    await runToEnd(firewallCmd([...scope, `--zone=${zone}`, `--remove-interface=${bridge}`]), ctx);
  }
}
