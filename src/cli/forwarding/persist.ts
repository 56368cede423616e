import { run } from '../../sys/run.ts';
import { linkTo, pathInfo, readText, removeFile, replaceText } from '../../sys/text-file.ts';
import { findTool } from '../../sys/tool.ts';
import type { Layout } from '../layout.ts';

/** The first line of every file flatnet writes; a file without it belongs to somebody else. */
export const OWN_MARK = '# Written by flatnet; "flatnet uninstall" removes it.';

/** What the kernel sets at boot (sysctl.d(5)). */
export function sysctlText(families: readonly (4 | 6)[]): string {
  const lines = [
    'net.ipv4.ip_forward=1',
    ...(families.includes(6) ? ['net.ipv6.conf.all.forwarding=1'] : []),
  ];
  return `${OWN_MARK}\n${lines.join('\n')}\n`;
}

/** The unit that sets the rules of the packet filter again at boot. */
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

/** Puts the rules of containers back after a firewall was restarted or reloaded. */
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

[Install]
WantedBy=multi-user.target
`;
}

/** Name of that unit. */
export const RELOAD_UNIT = 'flatnet.service';

/** Name of the unit that sets forwarding. */
export const FORWARDING_UNIT = 'flatnet-forwarding.service';

/** True where systemd runs this machine (sd_booted(3)). */
export function hasSystemd(): boolean {
  return pathInfo('/run/systemd/system')?.kind === 'directory';
}

/** Writes a file unless it says so already; tells whether it had to. */
export function ensureText(path: string, text: string): boolean {
  if (readText(path) === text) return false;
  replaceText(path, text, 0o644);
  return true;
}

/** Installs a unit and starts it with the machine, as `systemctl enable` does. */
export function enableUnit(layout: Layout, name: string, text: string): boolean {
  const path = `${layout.unitDirectory}/${name}`;
  const isNew = ensureText(path, text);
  linkTo(`/etc/systemd/system/${name}`, `${layout.unitDirectory}/multi-user.target.wants/${name}`);
  return isNew;
}

/** Takes a unit away; says which files went. */
export function disableUnit(layout: Layout, name: string): readonly string[] {
  const paths = [
    `${layout.unitDirectory}/multi-user.target.wants/${name}`,
    `${layout.unitDirectory}/${name}`,
  ];
  return paths.filter(removeFile);
}

/** Makes forwarding survive a restart; says what it did, one sentence each. */
export async function persist(layout: Layout, families: readonly (4 | 6)[]): Promise<readonly string[]> {
  const said: string[] = [];
  if (ensureText(layout.sysctlFile, sysctlText(families))) said.push(`wrote ${layout.sysctlFile}`);
  if (hasSystemd()) {
    if (enableUnit(layout, FORWARDING_UNIT, forwardingUnit(layout.executable))) {
      said.push(`${FORWARDING_UNIT} sets the rules again at boot`);
    }
  } else if (findTool('netfilter-persistent') !== undefined) {
    await run({ tool: 'netfilter-persistent', args: ['save'], timeoutMs: 30_000 });
    said.push('netfilter-persistent has saved the rules');
  }
  return said;
}

/** Where netfilter-persistent keeps what it saved. */
const SAVED_RULES = '/etc/iptables/rules.v4';

/** What a restart leaves of forwarding. */
export interface Persistence {
  /** The kernel forwards. */
  readonly sysctl: boolean;
  /** The packet filter lets the bridges pass. */
  readonly rules: boolean;
}

/** Looks at what sets forwarding again at boot. */
export function persistenceOf(layout: Layout): Persistence {
  const saved = readText(SAVED_RULES) ?? '';
  const hasUnit = pathInfo(`${layout.unitDirectory}/${FORWARDING_UNIT}`) !== undefined;
  return {
    sysctl: pathInfo(layout.sysctlFile) !== undefined,
    rules: (hasSystemd() && hasUnit) || saved !== '',
  };
}

/** Undoes `persist`. */
export function unpersist(layout: Layout): readonly string[] {
  const own = readText(layout.sysctlFile)?.startsWith(OWN_MARK) === true;
  return [
    ...(own && removeFile(layout.sysctlFile) ? [layout.sysctlFile] : []),
    ...disableUnit(layout, FORWARDING_UNIT),
  ].map((path) => `removed ${path}`);
}
