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

/** Puts everything in place and notes what was written, for `uninstall`. */
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
    // The link says itself whose it is.
    steps
      .filter(({ outcome, path }) => outcome !== 'kept' && path !== layout.command)
      .map(({ path }) => path),
  );
  return steps;
}
