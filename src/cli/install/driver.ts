import { dirname } from 'node:path';
import { hasSameBytes, isSameFile, pathInfo, replaceLink } from '../../sys/files/text-file.ts';
import { isExecutableFile } from '../../sys/process/tool.ts';
import { askDriver } from '../facts/drivers.ts';
import { CliError } from '../failure.ts';
import type { Layout } from '../layout.ts';
import type { Step } from './install.ts';

/** Makes the installed executable a driver of netavark: a hard link where one is possible, else a copy. */
export function installDriver({ executable, driver: path }: Layout): Step {
  if (isSameFile(executable, path)) return { path, outcome: 'unchanged' };
  if (hasSameBytes(executable, path) && isExecutableFile(path)) return { path, outcome: 'unchanged' };
  const isUpgrade = pathInfo(path) !== undefined;
  replaceLink(executable, path, 0o755);
  return { path, outcome: 'written', ...(isUpgrade ? { note: 'replaced another release' } : {}) };
}

/**
 * Calls the driver with `info`, as Podman might.
 *
 * @throws CliError when it does not answer, because of a `noexec` mount or another architecture.
 */
export async function verifyDriver({ driver: path }: Layout): Promise<void> {
  const { problem } = await askDriver(path);
  if (problem === undefined) return;
  const directory = dirname(path);
  throw new CliError(
    `Cannot run ${path}: ${problem}`,
    `is the file system of ${directory} mounted with "noexec"? findmnt -T ${directory}`,
  );
}
