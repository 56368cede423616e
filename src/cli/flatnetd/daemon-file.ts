import { dirname } from 'node:path';
import { hasSameBytes, isPresent, pathInfo, replaceCopy } from '../../sys/files/text-file.ts';
import { noteInstalled } from '../install/manifest.ts';
import type { Layout } from '../layout.ts';
import { CliError } from '../failure.ts';

/** The daemon as the build, or a package, puts it beside the command. */
export function daemonBeside(executable: string): string | undefined {
  const path = `${dirname(executable)}/flatnetd`;
  return isPresent(path) ? path : undefined;
}

/**
 * Installs or replaces the daemon's executable.
 * @returns a sentence for each action.
 * @throws CliError if there is none to install.
 */
export function installDaemon(layout: Layout, executable = process.execPath): readonly string[] {
  const source = daemonBeside(executable);
  const present = pathInfo(layout.daemon) !== undefined;
  if (source === undefined || source === layout.daemon) {
    if (present) return [];
    throw new CliError(
      `Cannot enable the gateway: there is no "flatnetd" in "${dirname(executable)}", nor ${layout.daemon}`,
      'build it in the clone of flatnet: npm run build:daemon && sudo dist/flatnet gateway enable',
    );
  }
  if (present && hasSameBytes(source, layout.daemon)) return [];
  replaceCopy(source, layout.daemon, 0o755);
  noteInstalled(layout, [layout.daemon]);
  return [`${present ? 'replaced' : 'installed'} ${layout.daemon}`];
}
