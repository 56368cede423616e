import type { Context } from '../../sys/context.ts';
import { clearHosts } from '../../names/host.ts';
import { pathInfo } from '../../sys/files/text-file.ts';
import { CliError } from '../failure.ts';
import { disableGateway } from '../flatnetd/disable.ts';
import { persistedFiles, unpersist } from '../forwarding/persist.ts';
import type { Layout } from '../layout.ts';
import { readHostFile } from '../network/find.ts';
import type { HostNetwork } from '../network/host-network.ts';
import { clearNetwork, usersOf } from '../network/remove.ts';
import { removeCommand } from './install.ts';
import { type InstalledFile, readManifest, removeManifest } from './manifest.ts';
import { removeOwn } from './own-file.ts';
import { networksUnder } from './request.ts';

/** The networks among the installed files. */
function networksIn(files: readonly InstalledFile[]): readonly HostNetwork[] {
  return files.flatMap(({ path }) => {
    const file = readHostFile(path);
    return file?.kind === 'flatnet' ? [file] : [];
  });
}

async function refuseWhileUsed(networks: readonly HostNetwork[]): Promise<void> {
  const users = (await Promise.all(networks.map(usersOf))).flat();
  if (users.length === 0) return;
  throw new CliError(
    `Cannot uninstall: ${users.join(', ')} still ${users.length === 1 ? 'uses' : 'use'} the network`,
    'Without the plugin their interfaces cannot be removed. Stop them first, or use --force.',
  );
}

/** Podman keeps networks of its own making, which no container could use without the driver. */
function refuseWhileNeeded(stay: readonly HostNetwork[]): void {
  const left = stay.filter(({ backend }) => backend === 'netavark');
  if (left.length === 0) return;
  const what = left.map(({ name, path }) => `network "${name}" (${path})`).join(', ');
  throw new CliError(
    `Cannot uninstall: the driver is needed by ${what}`,
    `${left.map(({ name }) => `sudo flatnet network rm ${name}`).join('; ')}, or --force to leave them without`,
  );
}

/** Removes all files but those of unpersist(). */
function removeInstalled(layout: Layout, files: readonly InstalledFile[]): readonly string[] {
  const persisted = persistedFiles(layout).map(({ path }) => path);
  return files
    .filter(({ path }) => !persisted.includes(path))
    .flatMap(({ path }) =>
      pathInfo(path) === undefined ? [`already gone: ${path}`] : removeOwn(layout, { path, texts: [] }),
    );
}

/**
 * Removes installed files and, on this machine, their networks' links and rules; returns a sentence per action.
 * @throws CliError if nothing was installed, or containers are attached.
 */
export async function uninstallAll(layout: Layout, force: boolean, ctx: Context): Promise<readonly string[]> {
  const files = readManifest(layout);
  if (files.length === 0) {
    throw new CliError(
      `Cannot uninstall: no installation is known under ${layout.root}`,
      '"flatnet uninstall" removes only the files that "flatnet install" recorded',
    );
  }
  const done: string[] = [];
  if (layout.root === '/') {
    const networks = networksIn(files);
    const leaving = networks.map(({ name }) => name);
    const stay = networksUnder(layout).filter(({ name }) => !leaving.includes(name));
    if (!force) {
      await refuseWhileUsed(networks);
      if (files.some(({ path }) => path === layout.driver)) refuseWhileNeeded(stay);
    }
    done.push(...(await disableGateway(layout)));
    for (const network of networks) done.push(...(await clearNetwork(network, stay, ctx)));
    done.push(...clearHosts([]));
  }
  done.push(...removeInstalled(layout, files), ...unpersist(layout));
  if (removeCommand(layout)) done.push(`removed ${layout.command}`);
  removeManifest(layout);
  return done;
}
