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

/** Loads the part of the program that serves the verb; no part has another's code (build/parts.ts). */
async function load(name: string): Promise<(host: Host) => Promise<number>> {
  switch (name) {
    case 'ADD':
      return (await import('./add.ts')).serveAdd;
    case 'DEL':
      return (await import('./del.ts')).serveDel;
    default:
      return (await import('./seldom.ts')).serveSeldom;
  }
}

/** Runs one call; returns the exit code. VERSION loads nothing else: every Podman command asks it per network file. */
export async function runPlugin(host: Host): Promise<number> {
  const name = host.env['CNI_COMMAND'];
  if (name === 'VERSION') return answerVersion(host);
  const serve = await load(name ?? '');
  return serve(host);
}
