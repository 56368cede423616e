import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from './bench.ts';

/**
 * The files that plugins keep in the directories a host has to itself, and where the configuration has them kept, by
 * the paths at which this process reaches them.
 */
export async function stateFiles({ host, subject }: Bench): Promise<string[]> {
  const found: string[] = [];
  for (const root of ['/var/lib', '/run', ...subject.privacy.state].map((path) => host.file(path))) {
    for (const name of await namesIn(root)) {
      // What the host itself keeps: namespaces, and the plugin where it was made visible.
      if (/^(netns|mount|conformance)(\/|$)/.test(name)) continue;
      const path = join(root, name);
      if ((await stat(path)).isFile()) found.push(path);
    }
  }
  return [...new Set(found)];
}

/** Everything below a directory; a file has itself alone. */
async function namesIn(root: string): Promise<string[]> {
  const isDirectory = await stat(root).then(
    (found) => found.isDirectory(),
    () => undefined,
  );
  if (isDirectory === undefined) return [];
  return isDirectory ? readdir(root, { recursive: true }) : [''];
}
