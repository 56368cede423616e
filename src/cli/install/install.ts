import { isSea } from 'node:sea';
import {
  hasSameBytes,
  isPresent,
  linkTarget,
  linkTo,
  makeExecutable,
  moveFile,
  pathInfo,
  readText,
  removeFile,
  replaceCopy,
  replaceText,
} from '../../sys/files/text-file.ts';
import { CliError } from '../failure.ts';
import { inspectPlugins } from '../facts/plugin.ts';
import {
  enableUnit,
  hasSystemd,
  RELOAD_UNIT,
  reloadUnit,
  sysctlFile,
  sysctlText,
} from '../forwarding/persist.ts';
import { LAYOUT, type Layout } from '../layout.ts';
import { inspectConflist, parseConflist } from '../../cni/conflist.ts';
import { readNetworkFiles } from '../network/find.ts';
import { conflistText, type NetworkOptions } from '../network/template.ts';
import { logrotateText } from './files.ts';
import { DIFFERS, type Outcome, placeOwn } from './own-file.ts';

export interface Step {
  readonly path: string;
  readonly outcome: Outcome;
  /** Why the file was kept, or the path of the previous one. */
  readonly note?: string;
}

/** @throws CliError if this is not the single executable. */
export function installExecutable(layout: Layout): Step {
  const path = layout.executable;
  if (!isSea()) {
    throw new CliError(
      'Cannot install: this is the script, not the executable',
      'npm run build && sudo dist/flatnet install',
    );
  }
  if (hasSameBytes(process.execPath, path)) {
    if (((pathInfo(path)?.mode ?? 0) & 0o111) === 0o111) return { path, outcome: 'unchanged' };
    makeExecutable(path);
    return { path, outcome: 'written', note: 'it was not executable' };
  }
  const isUpgrade = pathInfo(path) !== undefined;
  replaceCopy(process.execPath, path, 0o755);
  return { path, outcome: 'written', ...(isUpgrade ? { note: 'replaced another release' } : {}) };
}

/** Links the executable into /usr/local/bin: sudo's PATH lacks /opt/cni/bin. */
export function installCommand(layout: Layout): Step {
  const path = layout.command;
  if (linkTarget(path) === LAYOUT.executable) return { path, outcome: 'unchanged' };
  if (isPresent(path)) {
    return { path, outcome: 'kept', note: `it is not a link to ${LAYOUT.executable}` };
  }
  linkTo(LAYOUT.executable, path);
  return { path, outcome: 'written' };
}

/** Leaves a command that is not flatnet's link. */
export function removeCommand(layout: Layout): boolean {
  return linkTarget(layout.command) === LAYOUT.executable && removeFile(layout.command);
}

/** @throws CliError if the installed copy does not answer VERSION (a `noexec` mount, another architecture). */
export async function verifyExecutable(layout: Layout): Promise<void> {
  const directory = layout.executable.slice(0, layout.executable.lastIndexOf('/'));
  const [plugin] = await inspectPlugins([directory]);
  if (plugin?.isExecutable === true && plugin.problem === undefined) return;
  throw new CliError(
    `Cannot run ${layout.executable}: ${plugin?.problem ?? 'it is not executable'}`,
    `is the file system of ${directory} mounted with "noexec"? findmnt -T ${directory}`,
  );
}

/** Renames a file so that runtimes, which read only *.conflist, ignore it. */
function backUp(path: string, now: Date): string {
  const copy = `${path}.bak-${now.toISOString().replaceAll(/[:.]/g, '')}`;
  moveFile(path, copy);
  return copy;
}

export interface ConflistRequest {
  readonly directory: string;
  readonly network: NetworkOptions;
  readonly force: boolean;
  readonly now: Date;
}

/** @throws FlatnetError or IpamError before anything is written, if the plugin would refuse the text. */
export function installConflist({ directory, network, force, now }: ConflistRequest): Step {
  const path = `${directory}/${network.name}.conflist`;
  const text = conflistText(network);
  parseConflist(text, path);
  const elsewhere = readNetworkFiles({ cni: directory, netavark: directory }).find(
    (file) => file.kind !== 'broken' && file.name === network.name && file.path !== path,
  );
  if (elsewhere !== undefined) {
    return { path: elsewhere.path, outcome: 'kept', note: `it defines network "${network.name}" already` };
  }
  const present = readText(path);
  if (present === text) return { path, outcome: 'unchanged' };
  if (present !== undefined && !force) {
    const file = inspectConflist(present, path);
    const state = file.kind === 'broken' ? `but it is broken: ${file.problem.message}` : DIFFERS;
    return { path, outcome: 'kept', note: `${state}; --force replaces it and keeps a copy` };
  }
  const note = present === undefined ? {} : { note: `the previous file is now ${backUp(path, now)}` };
  replaceText(path, text, 0o644);
  return { path, outcome: 'written', ...note };
}

function settingsStep(path: string, outcome: Outcome): Step {
  if (outcome !== 'kept') return { path, outcome };
  return { path, outcome, note: `${DIFFERS}; to replace it, remove it and run install again` };
}

export function installUnit(layout: Layout): readonly Step[] {
  if (layout.root !== '/' || !hasSystemd()) return [];
  const outcome = enableUnit(layout, RELOAD_UNIT, reloadUnit(layout.executable));
  return [settingsStep(`${layout.unitDirectory}/${RELOAD_UNIT}`, outcome)];
}

export function installSettings(layout: Layout, families: readonly (4 | 6)[]): readonly Step[] {
  const logrotate = logrotateText('/var/log/flatnet/*.log');
  const sysctl = sysctlFile(layout);
  return [
    settingsStep(
      layout.logrotateFile,
      placeOwn(layout, { path: layout.logrotateFile, texts: [logrotate] }, logrotate),
    ),
    // Keeps IPv6 forwarding, which `forwarding enable --persist` may have added for another network.
    settingsStep(
      sysctl.path,
      readText(sysctl.path) === sysctlText([4, 6])
        ? 'unchanged'
        : placeOwn(layout, sysctl, sysctlText(families)),
    ),
  ];
}
