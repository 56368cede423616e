import { execa } from 'execa';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { NODE_VERSION, ROOT } from './project.ts';

export type Arch = 'x64' | 'arm64';

export const HOST_ARCH: Arch = process.arch === 'arm64' ? 'arm64' : 'x64';

/** A Node binary that becomes an executable, and the npm package it comes from. */
export interface NodeBase {
  readonly file: string;
  readonly packageName: string;
  /** Subresource integrity of the package, from the lock file. */
  readonly integrity: string;
}

async function lockedIntegrity(packageName: string): Promise<string> {
  const lock: { packages: Record<string, { integrity?: string } | undefined> } = JSON.parse(
    await readFile(join(ROOT, 'package-lock.json'), 'utf8'),
  );
  const integrity = lock.packages[`node_modules/${packageName}`]?.integrity;
  if (integrity === undefined) {
    throw new Error(`Cannot find ${packageName} in package-lock.json: it must be an optional dependency`);
  }
  return integrity;
}

/** Inside an npm script, npm names its Node and its own script; the first `node` in PATH is a different one. */
function npmCommand(): readonly [string, ...string[]] {
  const { npm_node_execpath: node, npm_execpath: cli } = process.env;
  return node !== undefined && cli !== undefined ? [node, cli] : ['npm'];
}

/** npm installs only the host's package; another architecture's is fetched from the same registry and checked. */
async function fetchPackage(packageName: string, integrity: string): Promise<string> {
  const directory = join(ROOT, 'node_modules/.cache/flatnet', `${packageName}-${NODE_VERSION}`);
  if (existsSync(directory)) {
    return directory;
  }
  const unfinished = `${directory}.unfinished-${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  try {
    const [npm, ...words] = npmCommand();
    await execa(npm, [...words, 'pack', `${packageName}@${NODE_VERSION}`, '--pack-destination', unfinished]);
    const archive = join(unfinished, `${packageName}-${NODE_VERSION}.tgz`);
    const found = `sha512-${createHash('sha512')
      .update(await readFile(archive))
      .digest('base64')}`;
    if (found !== integrity) {
      throw new Error(
        `Cannot use ${packageName}@${NODE_VERSION}: its integrity is ${found}, locked is ${integrity}`,
      );
    }
    await execa('tar', ['-xzf', archive, '-C', unfinished, '--strip-components=1']);
    await rm(archive);
    await rename(unfinished, directory);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return directory;
}

/** Installed for the host's architecture, fetched into a cache for the other. */
export async function nodeBase(arch: Arch): Promise<NodeBase> {
  const packageName = `node-linux-${arch}`;
  const integrity = await lockedIntegrity(packageName);
  const directory =
    arch === HOST_ARCH ? join(ROOT, 'node_modules', packageName) : await fetchPackage(packageName, integrity);
  return { file: join(directory, 'bin/node'), packageName, integrity };
}
