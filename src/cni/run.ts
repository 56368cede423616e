import type { Environment } from './args.ts';
import { versionReply } from './version.ts';

/** The process around a call, so that a test can stand in for it. */
export interface Host {
  readonly env: Environment;
  readonly readStdin: () => Promise<string>;
  readonly writeStdout: (document: string) => void;
  /** Takes what `--trace` tells of the call; absent: it was not asked for. */
  readonly writeTrace?: ((text: string) => void) | undefined;
  /** The process has nothing to do but this call, and may end with it. */
  readonly isWholeProcess: boolean;
}

/** VERSION answers any request: Podman sends no name, and dummies in CNI_*. */
async function askedVersion(host: Host): Promise<unknown> {
  try {
    const value: unknown = JSON.parse(await host.readStdin());
    return typeof value === 'object' && value !== null && 'cniVersion' in value
      ? value.cniVersion
      : undefined;
  } catch {
    return undefined;
  }
}

async function answerVersion(host: Host): Promise<number> {
  try {
    host.writeStdout(`${versionReply(await askedVersion(host))}\n`);
    return 0;
  } catch {
    // The runtime closed its end: there is no reader left.
    return 1;
  }
}

/**
 * Runs one call of the plugin. VERSION is answered here and loads nothing else: Podman asks it once per network
 * file on every command.
 *
 * @returns the exit code.
 */
export async function runPlugin(host: Host): Promise<number> {
  if (host.env['CNI_COMMAND'] === 'VERSION') return answerVersion(host);
  const { dispatch } = await import('./dispatch.ts');
  return dispatch(host);
}
