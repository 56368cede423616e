import type { Layout } from '../layout.ts';
import type { NetworkOptions } from '../network/template.ts';
import {
  installCommand,
  installConflist,
  installExecutable,
  installSettings,
  installUnit,
  type Step,
  verifyExecutable,
} from './install.ts';
import { noteInstalled } from './manifest.ts';

/** Installs everything and records the written files for `uninstall`. */
export async function installAll(
  layout: Layout,
  network: NetworkOptions,
  force: boolean,
): Promise<readonly Step[]> {
  const steps: Step[] = [installExecutable(layout)];
  await verifyExecutable(layout);
  steps.push(
    installCommand(layout),
    installConflist({ directory: layout.networkDirectory, network, force, now: new Date() }),
    ...installSettings(layout, network.subnet.includes(':') ? [4, 6] : [4]),
    ...installUnit(layout),
  );
  noteInstalled(
    layout,
    // The link's target tells that it is flatnet's.
    steps
      .filter(({ outcome, path }) => outcome !== 'kept' && path !== layout.command)
      .map(({ path }) => path),
  );
  return steps;
}
