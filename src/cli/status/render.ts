import type { LogLine } from '../facts/log.ts';
import type { Facts } from '../facts/facts.ts';
import { describeAllocation } from '../doctor/holders.ts';
import { undescribed } from '../facts/hidden.ts';
import type { Io } from '../io.ts';
import { describeDirectories } from '../network/host-network.ts';
import { suspectsAmong } from '../network/suspect.ts';
import { asTyped } from '../self.ts';
import { renderBar } from '../text/bar.ts';
import { nameOrId } from '../text/container.ts';
import { count } from '../text/format.ts';
import { shortPort } from '../text/port.ts';
import { printable } from '../../input/printable.ts';
import { styleFor, type Style } from '../text/style.ts';
import { type Column, cut, pad, renderTable, wrap } from '../text/table.ts';
import type { AttachmentStatus, NetworkStatus } from './model.ts';

const BAR_WIDTH = 20;
const LABEL_WIDTH = 12;

const COLUMNS: readonly Column[] = [
  { title: 'ADDRESS' },
  { title: 'CONTAINER', min: 12 },
  { title: 'IFNAME' },
  { title: 'HOST LINK' },
  { title: 'LINK' },
  { title: 'PORTS', min: 8 },
];

function dot(style: Style, state: 'good' | 'bad' | 'idle'): string {
  return { good: style.good('●'), bad: style.bad('●'), idle: style.dim('○') }[state];
}

function problemOf(network: NetworkStatus): string | undefined {
  const { attachments, bridgeState, state, isChanged, missingGateways } = network;
  if (state !== 'intact' && state !== 'missing') return `state file: ${printable(state)}`;
  if (isChanged) return 'the configuration changed while containers were running';
  if (bridgeState === 'absent' && attachments.length === 0) return undefined;
  if (bridgeState !== 'up') return `bridge ${bridgeState}`;
  return missingGateways.length === 0 ? undefined : `bridge lacks ${missingGateways.join(', ')}`;
}

function heading(network: NetworkStatus, style: Style): string {
  const name = `${style.bold(network.name)}  ${style.dim(network.backend)}`;
  const problem = problemOf(network);
  if (problem !== undefined) return `${dot(style, 'bad')} ${name}  ${style.bad(problem)}`;
  if (network.bridgeState === 'up') return `${dot(style, 'good')} ${name}`;
  return `${dot(style, 'idle')} ${name}  ${style.dim('no container yet')}`;
}

function label(text: string, style: Style): string {
  return `  ${style.dim(pad(text, LABEL_WIDTH))}`;
}

function poolLine(network: NetworkStatus, style: Style): string {
  const { used, size, subnets } = network;
  if (size === 0) return `${label('pool', style)}addresses come from another IPAM plugin`;
  const share = used / size;
  const tint = share >= 1 ? style.bad : share >= 0.8 ? style.notable : style.good;
  return `${label('pool', style)}${subnets.join(', ')}  ${tint(renderBar(share, BAR_WIDTH))}  ${used} of ${size} used (${(share * 100).toFixed(0)} %)`;
}

function switchWord(isOn: boolean | null, style: Style): string {
  if (isOn === null) return style.dim('unknown');
  return isOn ? style.good('on') : style.bad('off');
}

function bridgeLine({ bridge, addresses, mtu, bridgeState }: NetworkStatus, style: Style): string {
  const facts = [bridge, addresses.join(', '), mtu === undefined ? '' : `mtu ${mtu}`, bridgeState];
  return `${label('bridge', style)}${facts.filter((fact) => fact !== '').join('  ')}`;
}

function rulesLine(network: NetworkStatus, style: Style): string {
  const { ipMasq, masquerade, forwarding, bridgeState, missingRules } = network;
  const title = (text: string) => style.dim(text);
  // The first container creates both; nothing is missing before that.
  if (bridgeState === 'absent' && network.attachments.length === 0) {
    return `${label('rules', style)}${title('created with the first container')}`;
  }
  const masq = ipMasq ? switchWord(masquerade, style) : title('disabled');
  const lost =
    missingRules.length === 0 ? '' : `   ${style.bad(`${count(missingRules.length, 'rule')} missing`)}`;
  return `${label('masquerade', style)}${masq}   ${title('forwarding')} ${switchWord(forwarding, style)}${lost}`;
}

const PROGRAMS = { aardvark: 'aardvark-dns', dnsmasq: 'dnsmasq' } as const;

function namesLine({ names }: NetworkStatus, io: Io, style: Style): readonly string[] {
  const { state, server, domain, why } = names;
  const said = {
    served: `${server === null ? '' : PROGRAMS[server]}  domain ${domain ?? ''}  ${count(names.names, 'name')}`,
    failing: printable(why ?? ''),
    waiting: 'with the first container',
    off: why === null ? 'disabled' : `off: ${printable(why)}`,
  }[state];
  const tint = { served: String, failing: style.bad, waiting: style.dim, off: style.dim }[state];
  const lines = wrap(said, Math.max(20, io.columns - LABEL_WIDTH - 2));
  return lines.map((line, index) => `${label(index === 0 ? 'names' : '', style)}${tint(line)}`);
}

function row(attachment: AttachmentStatus): readonly string[] {
  const { address, ifname, hostIfname, link, ports } = attachment;
  return [address, nameOrId(attachment), ifname, hostIfname, link, ports.map(shortPort).join(', ')];
}

function forgottenLine({ forgotten }: NetworkStatus, style: Style): readonly string[] {
  if (forgotten.length === 0) return [];
  const said = `unknown for ${forgotten.map(printable).join(', ')}: restart ${forgotten.length === 1 ? 'it' : 'them'}`;
  return [`${label('rules', style)}${style.bad(said)}`];
}

function attachmentLines({ attachments }: NetworkStatus, io: Io, style: Style): readonly string[] {
  if (attachments.length === 0) return [];
  const hasPorts = attachments.some(({ ports }) => ports.length > 0);
  const columns = hasPorts ? COLUMNS : COLUMNS.slice(0, -1);
  const rows = attachments.map((attachment) => row(attachment).slice(0, columns.length));
  const lines = renderTable(rows, { columns, width: io.columns - 2, title: style.dim });
  const shown = lines.map((line, index) => {
    const link = attachments[index - 1]?.link;
    return link === undefined || link === 'up' ? line : style.bad(line);
  });
  return ['', ...shown.map((line) => `  ${line}`)];
}

function networkLines(network: NetworkStatus, io: Io, style: Style): readonly string[] {
  return [
    heading(network, style),
    bridgeLine(network, style),
    poolLine(network, style),
    rulesLine(network, style),
    ...forgottenLine(network, style),
    ...namesLine(network, io, style),
    ...attachmentLines(network, io, style),
    '',
  ];
}

/** Containers of networks that no file defines. */
function undescribedLines(facts: Facts, style: Style): readonly string[] {
  const byNetwork = Object.groupBy(undescribed(facts), ({ network }) => network);
  const lines = Object.entries(byNetwork).map(([name, all = []]) => {
    return style.bad(
      printable(`No file defines network "${name}": ${all.map(describeAllocation).join(', ')}`),
    );
  });
  return lines.length === 0 ? [] : [...lines, ''];
}

const ERRORS_SHOWN = 3;

export function lastErrors(log: readonly LogLine[]): readonly LogLine[] {
  return log.filter(({ level }) => level === 'error').slice(-ERRORS_SHOWN);
}

function errorLines(log: readonly LogLine[], io: Io, style: Style): readonly string[] {
  const errors = lastErrors(log);
  if (errors.length === 0) return [];
  const lines = errors.map((line) => {
    const { time, verb, msg } = line;
    const when = time.replace('T', ' ').replace(/\.\d+Z$/, 'Z');
    return cut(`  ${when}  ${verb} ${nameOrId(line)}  ${msg}`, io.columns);
  });
  return [style.bold('Last errors'), ...lines, style.dim('  flatnet logs --level error'), ''];
}

/** With `isFine`, the pointer to `doctor` is left out. */
export function renderStatus(
  facts: Facts,
  { networks, isFine }: { readonly networks: readonly NetworkStatus[]; readonly isFine: boolean },
  io: Io,
): string {
  const style = styleFor(io.color);
  if (networks.length === 0) {
    const suspects = suspectsAmong(facts.files);
    const why = suspects.map((one) => `${style.bad('✗')} ${printable(one.why)}\n`).join('');
    const remedies = suspects.length === 0 ? ['sudo flatnet install'] : suspects.map(({ remedy }) => remedy);
    const remedy = remedies.map((line) => style.command(asTyped(line))).join('; ');
    return `${why}No network of type flatnet in ${describeDirectories(facts.directories)}: ${remedy}\n`;
  }
  const lines = [
    ...networks.flatMap((network) => networkLines(network, io, style)),
    ...undescribedLines(facts, style),
    ...errorLines(facts.log, io, style),
    ...(isFine ? [] : [`Something is wrong: ${style.command(asTyped('sudo flatnet doctor'))}`]),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}
