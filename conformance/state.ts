import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from './bench.ts';

/**
 * Files in the host's private directories and in the configured state directories, by the paths at which this process
 * reaches them.
 */
export async function stateFiles({ host, subject }: Bench): Promise<string[]> {
  const found: string[] = [];
  for (const root of ['/var/lib', '/run', ...subject.privacy.state].map((path) => host.file(path))) {
    for (const name of await namesIn(root)) {
      // The host's own: namespaces, and the plugin if it was made visible.
      if (/^(netns|mount|conformance)(\/|$)/.test(name)) continue;
      const path = join(root, name);
      if ((await stat(path)).isFile()) found.push(path);
    }
  }
  return [...new Set(found)];
}

/** Everything below a directory; for a file, itself. */
async function namesIn(root: string): Promise<string[]> {
  const isDirectory = await stat(root).then(
    (found) => found.isDirectory(),
    () => undefined,
  );
  if (isDirectory === undefined) return [];
  return isDirectory ? readdir(root, { recursive: true }) : [''];
}
