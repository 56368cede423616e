import { UNBOUNDED } from '../../sys/context.ts';
import { run } from '../../sys/process/run.ts';
import { isPresent, linkTo, pathInfo, readText, removeFile } from '../../sys/files/text-file.ts';
import { findTool } from '../../sys/process/tool.ts';
import { setsForwarding } from '../facts/sysctl-file.ts';
import { forgetInstalled, noteInstalled } from '../install/manifest.ts';
import { DIFFERS, type Outcome, type OwnFile, placeOwn, removeOwn } from '../install/own-file.ts';
import type { Layout } from '../layout.ts';

/** First line of every settings file that flatnet writes. */
export const OWN_MARK = '# Written by flatnet; "flatnet uninstall" removes it.';

export function sysctlText(families: readonly (4 | 6)[]): string {
  const lines = [
    'net.ipv4.ip_forward=1',
    ...(families.includes(6) ? ['net.ipv6.conf.all.forwarding=1'] : []),
  ];
  return `${OWN_MARK}\n${lines.join('\n')}\n`;
}

export function forwardingUnit(executable: string): string {
  return `${OWN_MARK}
[Unit]
Description=Let packets of flatnet's bridges pass
After=network-pre.target nftables.service netfilter-persistent.service firewalld.service
Before=podman-restart.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${executable} forwarding enable

[Install]
WantedBy=multi-user.target
`;
}

export function reloadUnit(executable: string): string {
  return `${OWN_MARK}
[Unit]
Description=Put back flatnet's rules after a firewall
After=nftables.service firewalld.service
ReloadPropagatedFrom=nftables.service firewalld.service
PartOf=nftables.service firewalld.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${executable} reload
ExecReload=${executable} reload
# Containers whose rules are not known are told in the journal; the others have theirs.
SuccessExitStatus=1

[Install]
WantedBy=multi-user.target
`;
}

export const RELOAD_UNIT = 'flatnet.service';

export const FORWARDING_UNIT = 'flatnet-forwarding.service';

/** Whether systemd is this machine's init, by the test of sd_booted(3). */
export function hasSystemd(): boolean {
  return pathInfo('/run/systemd/system')?.kind === 'directory';
}

/** Either text is flatnet's: with IPv6 once a network has it. */
export function sysctlFile(layout: Layout): OwnFile {
  return { path: layout.sysctlFile, texts: [sysctlText([4]), sysctlText([4, 6])] };
}

function forwardingFile({ unitDirectory, executable }: Layout): OwnFile {
  return { path: `${unitDirectory}/${FORWARDING_UNIT}`, texts: [forwardingUnit(executable)] };
}

function wantsLink(layout: Layout, name: string): string {
  return `${layout.unitDirectory}/multi-user.target.wants/${name}`;
}

/** Installs a unit and links it into multi-user.target, as `systemctl enable` does. */
export function enableUnit(layout: Layout, name: string, text: string): Outcome {
  const outcome = placeOwn(layout, { path: `${layout.unitDirectory}/${name}`, texts: [text] }, text);
  linkTo(`/etc/systemd/system/${name}`, wantsLink(layout, name));
  return outcome;
}

function unlinkUnits(layout: Layout): readonly string[] {
  return [FORWARDING_UNIT, RELOAD_UNIT]
    .filter((name) => !isPresent(`${layout.unitDirectory}/${name}`))
    .map((name) => wantsLink(layout, name))
    .filter(removeFile)
    .map((path) => `removed ${path}`);
}

function wordsFor(outcome: Outcome, path: string, written: string): readonly string[] {
  if (outcome === 'kept') return [`kept ${path}: ${DIFFERS}`];
  return outcome === 'written' ? [written] : [];
}

/** Makes forwarding survive a restart; returns a sentence for each action. */
export async function persistForwarding(
  layout: Layout,
  families: readonly (4 | 6)[],
): Promise<readonly string[]> {
  const { path } = sysctlFile(layout);
  const outcome = placeOwn(layout, sysctlFile(layout), sysctlText(families));
  if (outcome === 'written') noteInstalled(layout, [path]);
  const said = wordsFor(outcome, path, `wrote ${path}`);
  if (hasSystemd()) return [...said, ...persistByUnit(layout)];
  if (findTool('netfilter-persistent') === undefined) return said;
  await run({ tool: 'netfilter-persistent', args: ['save'], timeoutMs: 30_000 }, UNBOUNDED);
  return [...said, 'netfilter-persistent has saved the rules'];
}

function persistByUnit(layout: Layout): readonly string[] {
  const { path } = forwardingFile(layout);
  const outcome = enableUnit(layout, FORWARDING_UNIT, forwardingUnit(layout.executable));
  if (outcome === 'written') noteInstalled(layout, [path]);
  return wordsFor(outcome, path, `${FORWARDING_UNIT} sets the rules again at boot`);
}

/** Rules saved by netfilter-persistent. */
const SAVED_RULES = '/etc/iptables/rules.v4';

export interface Persistence {
  readonly sysctl: boolean;
  readonly rules: boolean;
}

export function persistenceOf(layout: Layout): Persistence {
  const saved = readText(SAVED_RULES) ?? '';
  const hasUnit = pathInfo(`${layout.unitDirectory}/${FORWARDING_UNIT}`) !== undefined;
  return {
    sysctl: setsForwarding(layout.sysctlFile),
    rules: (hasSystemd() && hasUnit) || saved !== '',
  };
}

export function persistedFiles(layout: Layout): readonly OwnFile[] {
  return [sysctlFile(layout), forwardingFile(layout)];
}

/** Undoes persistForwarding(), except for edited files; returns a sentence for each action. */
export function unpersist(layout: Layout): readonly string[] {
  const files = persistedFiles(layout);
  const said = files.flatMap((file) => removeOwn(layout, file));
  forgetInstalled(
    layout,
    files.map(({ path }) => path),
  );
  return [...said, ...unlinkUnits(layout)];
}
