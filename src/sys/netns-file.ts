import { statSync } from 'node:fs';
import type { Context } from './context.ts';
import { netnsIdOf } from './netns.ts';
import { run } from './process/run.ts';

/** `dev:inode` of the namespace that is mounted at a path; `undefined` if there is no such file. */
export function netnsIdAt(path: string): string | undefined {
  const info = statSync(path, { bigint: true, throwIfNoEntry: false });
  return info === undefined ? undefined : netnsIdOf(info);
}

/** Unmounts and removes a file of /run/netns; the namespace goes with it where nothing else holds it. */
export async function removeNetnsFile(path: string, ctx: Context): Promise<void> {
  await run({ tool: 'ip', args: ['netns', 'delete', path.slice(path.lastIndexOf('/') + 1)] }, ctx);
}
