import { accessSync, constants, statSync } from 'node:fs';

/** Searched before PATH, which belongs to the caller. */
const SYSTEM_DIRECTORIES = ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/local/sbin', '/usr/local/bin'];

/** Debian and Ubuntu packages, for the error's remedy. */
const PACKAGES: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  bridge: 'iproute2',
  tc: 'iproute2',
  nsenter: 'util-linux',
  unshare: 'util-linux',
  nft: 'nftables',
  iptables: 'iptables',
  ip6tables: 'iptables',
  conntrack: 'conntrack',
};

export class ToolMissingError extends Error {
  readonly tool: string;
  readonly remedy: string;

  constructor(tool: string) {
    super(`Cannot find "${tool}" in ${SYSTEM_DIRECTORIES.join(', ')} or PATH`);
    this.name = 'ToolMissingError';
    this.tool = tool;
    this.remedy = `install it: apt-get install ${PACKAGES[tool] ?? tool}`;
  }
}

/** A regular file with an execute bit for us. */
export function isExecutableFile(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

const found = new Map<string, string>();

/**
 * Absolute path, or `undefined`. System directories come first: a caller's PATH must not put its own `ip` before the
 * system's.
 */
export function findTool(name: string): string | undefined {
  const known = found.get(name);
  if (known !== undefined) return known;
  const callersPath = (process.env['PATH'] ?? '').split(':').filter((directory) => directory.startsWith('/'));
  for (const directory of [...SYSTEM_DIRECTORIES, ...callersPath]) {
    const candidate = `${directory}/${name}`;
    if (isExecutableFile(candidate)) {
      found.set(name, candidate);
      return candidate;
    }
  }
  return undefined;
}

/** Absolute path. @throws ToolMissingError naming the package that has the tool. */
export function requireTool(name: string): string {
  const path = findTool(name);
  if (path === undefined) throw new ToolMissingError(name);
  return path;
}
