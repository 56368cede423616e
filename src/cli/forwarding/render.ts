import type { Io } from '../io.ts';
import { asTyped } from '../self.ts';
import { type Style, styleFor } from '../text/style.ts';
import { hasSystemd, type Persistence } from './persist.ts';

export interface BridgeStatus {
  readonly bridge: string;
  readonly gaps: readonly string[];
}

export interface ForwardingStatus {
  readonly ipForward: string;
  readonly bridges: readonly BridgeStatus[];
  readonly persistent: Persistence;
}

/** Why the rules do not survive a restart, and the remedy; `undefined` if they do. */
export function whyRulesAreLost({ rules }: Persistence): string | undefined {
  if (rules) return undefined;
  const what = 'the rules of the packet filter do not survive a restart';
  if (hasSystemd()) return `${what}: sudo flatnet forwarding enable --persist`;
  return (
    `${what} here: there is no systemd and no netfilter-persistent\n` +
    '  sudo apt-get install iptables-persistent; sudo flatnet forwarding enable --persist\n' +
    '  on WSL2, set "systemd=true" in /etc/wsl.conf'
  );
}

function persistenceLine(persistent: Persistence, style: Style): string {
  const notable = style.notable('!');
  if (!persistent.sysctl)
    return `${notable} not restored at boot: ${style.command(asTyped('sudo flatnet forwarding enable --persist'))}`;
  const lost = whyRulesAreLost(persistent);
  return lost === undefined ? `${style.good('✓')} restored at boot` : `${notable} ${asTyped(lost)}`;
}

export function renderForwarding({ ipForward, bridges, persistent }: ForwardingStatus, io: Io): string {
  const style = styleFor(io.color);
  const mark = (isGood: boolean) => (isGood ? style.good('✓') : style.bad('✗'));
  const lines = [
    `${mark(ipForward === '1')} net.ipv4.ip_forward is ${ipForward}`,
    ...bridges.flatMap(({ bridge, gaps }) =>
      gaps.length === 0
        ? [`${mark(true)} ${bridge}: packets pass`]
        : gaps.map((gap) => `${mark(false)} ${gap}`),
    ),
    persistenceLine(persistent, style),
  ];
  return `${lines.join('\n')}\n`;
}
