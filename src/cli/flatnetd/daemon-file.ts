import { dirname } from 'node:path';
import { hasSameBytes, isPresent, pathInfo, replaceCopy } from '../../sys/files/text-file.ts';
import { CliError } from '../failure.ts';
import type { Step } from '../install/install.ts';
import { noteInstalled } from '../install/manifest.ts';
import type { Layout } from '../layout.ts';

/** The daemon as the build, or a package, puts it beside the command. */
function daemonBeside(executable: string): string | undefined {
  const path = `${dirname(executable)}/flatnetd`;
  return isPresent(path) ? path : undefined;
}

/** Installs the daemon where it lies beside this executable; the gateway may be enabled later, or never. */
export function placeDaemon({ daemon: path }: Layout, executable = process.execPath): readonly Step[] {
  const source = daemonBeside(executable);
  if (source === undefined || source === path) return [];
  const isPlaced = pathInfo(path) !== undefined;
  if (isPlaced && hasSameBytes(source, path)) return [{ path, outcome: 'unchanged' }];
  replaceCopy(source, path, 0o755);
  return [{ path, outcome: 'written', ...(isPlaced ? { note: 'replaced another release' } : {}) }];
}

/**
 * Installs or replaces the daemon's executable, which must be there afterwards.
 * @returns a sentence for each action.
 * @throws CliError if there is none to install.
 */
export function installDaemon(layout: Layout): readonly string[] {
  const written = placeDaemon(layout).filter(({ outcome }) => outcome === 'written');
  if (!isPresent(layout.daemon)) {
    throw new CliError(
      `Cannot enable the gateway: there is no "flatnetd" in "${dirname(process.execPath)}", nor ${layout.daemon}`,
      'build it in the clone of flatnet: npm run build:daemon && sudo dist/flatnet gateway enable',
    );
  }
  if (written.length > 0) noteInstalled(layout, [layout.daemon]);
  return written.map(({ path }) => `installed ${path}`);
}
