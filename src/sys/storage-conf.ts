import { parse } from 'smol-toml';
import { readText } from './files/text-file.ts';

/** Order of precedence, highest first (containers-storage.conf(5)). */
const FILES = ['/etc/containers/storage.conf', '/usr/share/containers/storage.conf'];
const GRAPH_ROOT = '/var/lib/containers/storage';

/** `storage.graphroot` of a file; `undefined` where it names none, or is no TOML. */
export function parseGraphRoot(text: string): string | undefined {
  try {
    const { storage } = parse(text);
    if (typeof storage !== 'object' || !('graphroot' in storage)) return undefined;
    return typeof storage.graphroot === 'string' ? storage.graphroot : undefined;
  } catch {
    // Podman itself says so; the usual directory is as good a guess as any.
    return undefined;
  }
}

/** Where rootful Podman keeps containers and images. */
export function graphRoot(override = process.env['CONTAINERS_STORAGE_CONF']): string {
  const paths = override === undefined || override === '' ? FILES : [override];
  const text = paths.map((path) => readText(path)).find((one) => one !== undefined);
  return parseGraphRoot(text ?? '') ?? GRAPH_ROOT;
}
