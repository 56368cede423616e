import { UNBOUNDED } from '../../sys/context.ts';
import { forwardGaps, openForward, removeForward } from '../../firewall/forward.ts';
import { enableForwarding } from '../../bridge/sysctls.ts';
import { readSysctl } from '../../sys/sysctl.ts';
import { forwardSpecOf } from '../facts/networks.ts';
import { EXIT, type Io, printJson } from '../io.ts';
import { LAYOUT } from '../layout.ts';
import { networkDirectory } from '../network/command.ts';
import type { FlatnetNetwork } from '../network/conflist.ts';
import { requireNetworks } from '../network/find.ts';
import { isSet, type Call } from '../spec.ts';
import { asTyped } from '../self.ts';
import { type Style, styleFor } from '../text/style.ts';
import { hasSystemd, type Persistence, persist, persistenceOf, unpersist } from './persist.ts';

/** Why the rules do not last, and what to do; `undefined` where they do. */
function whyRulesAreLost({ rules }: Persistence): string | undefined {
  if (rules) return undefined;
  const what = 'the rules of the packet filter do not survive a restart';
  if (hasSystemd()) return `${what}: sudo flatnet forwarding enable --persist`;
  return (
    `${what} here: there is no systemd and no netfilter-persistent\n` +
    '  sudo apt-get install iptables-persistent; sudo flatnet forwarding enable --persist\n' +
    '  on WSL2, set "systemd=true" in /etc/wsl.conf'
  );
}

/** Says what was done; returns the exit code, which tells of what was kept. */
function report(call: Call, io: Io, done: readonly string[]): number {
  if (isSet(call, 'json')) printJson(io, { done });
  else io.out(done.map((line) => `${line}\n`).join(''));
  return done.some((line) => line.startsWith('kept')) ? EXIT.warnings : EXIT.ok;
}

function enableSysctls(families: readonly (4 | 6)[]): readonly string[] {
  const keys = ['net/ipv4/ip_forward', ...(families.includes(6) ? ['net/ipv6/conf/all/forwarding'] : [])];
  const off = keys.filter((key) => readSysctl(key) !== '1');
  enableForwarding([4, ...families]);
  return off.map((key) => `set ${key.replaceAll('/', '.')} to 1`);
}

/** Lets every bridge pass, and says of which it had to. */
async function openAll(networks: readonly FlatnetNetwork[]): Promise<readonly string[]> {
  const done: string[] = [];
  for (const { conf } of networks) {
    const spec = forwardSpecOf(conf);
    const gaps = await forwardGaps(spec, UNBOUNDED);
    if (gaps.length === 0) continue;
    await openForward(spec, UNBOUNDED);
    done.push(...gaps.map((gap) => `${gap}: let it pass`));
  }
  return done;
}

/** `flatnet forwarding enable`. */
export async function enable(call: Call, io: Io): Promise<number> {
  const networks = requireNetworks(networkDirectory(), 'set up forwarding');
  const families = networks.flatMap(({ conf }) => forwardSpecOf(conf).families);
  const isPermanent = isSet(call, 'persist');
  const done = [
    ...enableSysctls(families),
    ...(await openAll(networks)),
    ...(isPermanent ? await persist(LAYOUT, families) : []),
  ];
  const exitCode = report(call, io, done);
  const lost = isPermanent ? whyRulesAreLost(persistenceOf(LAYOUT)) : undefined;
  if (lost === undefined) {
    if (done.length === 0 && !isSet(call, 'json')) io.out('Nothing to do: it is so already.\n');
    return exitCode;
  }
  io.err(`${lost.charAt(0).toUpperCase()}${asTyped(lost.slice(1))}\n`);
  return EXIT.warnings;
}

/** `flatnet forwarding disable`. */
export async function disable(call: Call, io: Io): Promise<number> {
  const networks = requireNetworks(networkDirectory(), 'take forwarding back');
  const bridges = [...new Set(networks.map(({ conf }) => conf.bridge))];
  for (const bridge of bridges) await removeForward(bridge, UNBOUNDED);
  return report(call, io, [
    ...bridges.map((bridge) => `removed the rules of ${bridge}`),
    ...unpersist(LAYOUT),
  ]);
}

/** Whether a bridge's packets pass, and what may stop them. */
interface BridgeStatus {
  readonly bridge: string;
  readonly gaps: readonly string[];
}

/** `flatnet forwarding status`. */
export async function status(call: Call, io: Io): Promise<number> {
  const bridges: BridgeStatus[] = [];
  for (const { conf } of requireNetworks(networkDirectory(), 'look at forwarding')) {
    bridges.push({ bridge: conf.bridge, gaps: await forwardGaps(forwardSpecOf(conf), UNBOUNDED) });
  }
  const screen = {
    ipForward: readSysctl('net/ipv4/ip_forward') ?? 'unknown',
    bridges,
    persistent: persistenceOf(LAYOUT),
  };
  if (isSet(call, 'json')) printJson(io, { ...screen, ipForward: screen.ipForward === '1' });
  else io.out(render(screen, io));
  if (screen.ipForward !== '1' || bridges.some(({ gaps }) => gaps.length > 0)) return EXIT.failure;
  return screen.persistent.sysctl && screen.persistent.rules ? EXIT.ok : EXIT.warnings;
}

interface Screen {
  readonly ipForward: string;
  readonly bridges: readonly BridgeStatus[];
  readonly persistent: Persistence;
}

function render({ ipForward, bridges, persistent }: Screen, io: Io): string {
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

function persistenceLine(persistent: Persistence, style: Style): string {
  const notable = style.notable('!');
  if (!persistent.sysctl)
    return `${notable} not set again at boot: ${style.command(asTyped('sudo flatnet forwarding enable --persist'))}`;
  const lost = whyRulesAreLost(persistent);
  return lost === undefined ? `${style.good('✓')} set again at boot` : `${notable} ${asTyped(lost)}`;
}
