import { FlatnetError } from '../input/error.ts';
import { isAtLeast } from '../input/version.ts';
import type { ContainersConf } from '../sys/containers-conf.ts';
import type { Context } from '../sys/context.ts';
import { findHelper } from '../sys/podman-programs.ts';
import { runToEnd } from '../sys/process/run.ts';

/** The first release that has plugins. */
const OLDEST = [1, 6] as const;
/** Podman waits for the answer; a netavark that hangs at its version is another's finding. */
const PATIENCE_MS = 2_000;

/** Whether a release, as `netavark --version` tells it, can run a driver; `undefined` where it tells none. */
export function canRunDrivers(version: string): boolean | undefined {
  return isAtLeast(version, OLDEST);
}

/** The netavark that Podman runs; `undefined` where none is found. */
export function findNetavark({ helperDirectories }: ContainersConf): string | undefined {
  return findHelper('netavark', helperDirectories);
}

/** What `netavark --version` prints; empty where it prints nothing. */
export async function askNetavark(path: string, ctx: Context): Promise<string> {
  const { stdout } = await runToEnd({ tool: path, args: ['--version'], timeoutMs: PATIENCE_MS }, ctx);
  return stdout.trim();
}

/**
 * Refuses a network that no container could be started on: Podman itself runs `create`, so that it succeeds where
 * netavark, which runs the rest, knows no drivers. What cannot be found out passes.
 *
 * @throws FlatnetError
 */
export async function refuseOldNetavark(conf: ContainersConf, ctx: Context): Promise<void> {
  const path = findNetavark(conf);
  if (path === undefined) return;
  const text = await askNetavark(path, ctx);
  if (canRunDrivers(text) !== false) return;
  throw new FlatnetError(
    'unsupported',
    `Cannot create a network: ${path} is ${text}, which knows no drivers`,
    {
      details:
        'update netavark to 1.6 or newer, as Debian 13, Ubuntu 25.10 and Fedora have; with Podman 4, use flatnet by CNI instead: sudo flatnet install --backend cni',
    },
  );
}
