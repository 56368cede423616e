import { familyOf } from '../../input/address.ts';
import type { Context } from '../../sys/context.ts';
import { readContainersConf } from '../../sys/containers-conf.ts';
import type { Backend } from '../backend.ts';
import { type BackendFacts, inspectBackend, NO_BACKEND } from '../facts/backend.ts';
import { subnetsOf } from '../facts/pools.ts';
import { placeDaemon } from '../flatnetd/daemon-file.ts';
import type { Layout } from '../layout.ts';
import { DEFAULT_NETWORK } from '../network/template.ts';
import type { NetworkRequest } from '../network/request.ts';
import { type Choice, chooseBackend, chooseForImage } from './choose.ts';
import { settleOnCni } from './containers-conf.ts';
import { installDriver, verifyDriver } from './driver.ts';
import { carriedOver, installDriverNetwork } from './driver-network.ts';
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
import { networksUnder, networkToInstall } from './request.ts';
import { installWhole, mentionRest } from './whole-network.ts';

/** What was typed. */
export interface InstallRequest {
  readonly name: string | undefined;
  readonly network: NetworkRequest;
  readonly backend: Backend | undefined;
  readonly force: boolean;
}

/** What was done, and for which backend. */
export interface Installed extends Choice {
  readonly steps: readonly Step[];
  readonly network: string;
}

/** The network, by its file: a step, and the families of its addresses. */
interface Placed {
  readonly steps: readonly Step[];
  readonly families: readonly (4 | 6)[];
}

function familiesOf(subnets: readonly string[]): readonly (4 | 6)[] {
  return subnets.some((subnet) => familyOf(subnet) === 6) ? [4, 6] : [4];
}

async function placeForNetavark(
  layout: Layout,
  { name = DEFAULT_NETWORK.name, network, force }: InstallRequest,
  ctx: Context,
): Promise<Placed> {
  const earlier = networksUnder(layout).find((one) => one.name === name && one.backend === 'cni');
  const request = carriedOver(network, earlier);
  const driver = installDriver(layout);
  await verifyDriver(layout);
  const directory = layout.driverNetworkDirectory;
  const isImage = layout.root !== '/';
  const subnets = [request.subnet ?? '', ...(earlier === undefined ? [] : subnetsOf(earlier.conf))];
  const families = familiesOf(subnets);
  const asked = { name, directory, isImage, request, force, now: new Date(), ctx };
  if (earlier === undefined) return { steps: [driver, await installDriverNetwork(asked)], families };
  const whole = { earlier, path: `${directory}/${name}.json`, isImage };
  const file = await installWhole(whole, network, ctx);
  return {
    steps: [driver, file ?? mentionRest(await installDriverNetwork(asked), whole, network)],
    families,
  };
}

async function placeForCni(
  layout: Layout,
  { name, network, force }: InstallRequest,
  backend: BackendFacts,
): Promise<Placed> {
  const asked = networkToInstall(name, network, networksUnder(layout));
  const conflist = installConflist({
    directory: layout.networkDirectory,
    network: asked,
    force,
    now: new Date(),
  });
  const conf = await settleOnCni(layout, { backend, files: readContainersConf().files });
  return { steps: [conflist, ...conf], families: familiesOf([asked.subnet]) };
}

/** Of an image nothing is known: its programs may not run here. */
async function lookAt(layout: Layout): Promise<BackendFacts> {
  if (layout.root !== '/') return NO_BACKEND;
  return inspectBackend(readContainersConf(), { cni: layout.networkDirectory });
}

/** Installs everything and records the written files for `uninstall`. */
export async function installAll(layout: Layout, request: InstallRequest, ctx: Context): Promise<Installed> {
  const facts = await lookAt(layout);
  const choice =
    layout.root === '/' ? chooseBackend(facts, request.backend) : chooseForImage(request.backend);
  // Refuses a clash before anything is written.
  if (choice.backend === 'cni') networkToInstall(request.name, request.network, networksUnder(layout));
  const steps: Step[] = [installExecutable(layout)];
  await verifyExecutable(layout);
  steps.push(installCommand(layout), ...placeDaemon(layout));
  const placed =
    choice.backend === 'cni'
      ? await placeForCni(layout, request, facts)
      : await placeForNetavark(layout, request, ctx);
  steps.push(...placed.steps, ...installSettings(layout, placed.families), ...installUnit(layout));
  noteInstalled(
    layout,
    // The command is not recorded: the link's target identifies it as flatnet's.
    steps
      .filter(({ outcome, path }) => outcome !== 'kept' && path !== layout.command)
      .map(({ path }) => path),
  );
  return { ...choice, steps, network: request.name ?? DEFAULT_NETWORK.name };
}
