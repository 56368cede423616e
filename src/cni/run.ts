import type { Host } from '../sys/process/host.ts';
import { versionReply } from './version.ts';

/** VERSION accepts any request: Podman sends no name, and dummies in CNI_*. */
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
    // The runtime has closed its end of the pipe.
    return 1;
  }
}

/** Runs one call; returns the exit code. VERSION loads nothing else: every Podman command asks it per network file. */
export async function runPlugin(host: Host): Promise<number> {
  if (host.env['CNI_COMMAND'] === 'VERSION') return answerVersion(host);
  const { dispatch } = await import('./dispatch.ts');
  return dispatch(host);
}
