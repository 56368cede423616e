import type { ExecOptions, ExecResult } from './exec.ts';

type Exec = (argv: readonly string[], options?: ExecOptions) => Promise<ExecResult>;

/**
 * Everything in a network namespace, one line each, sorted: links, addresses, routes and routing rules, queues,
 * packet-filter objects. Volatile values (indexes, counters, handles, carrier) are omitted, so that two snapshots
 * without a change between them are equal.
 */
export type Snapshot = readonly string[];

/** Lines that only one of two snapshots has. */
export interface SnapshotDifference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

export function compareSnapshots(before: Snapshot, after: Snapshot): SnapshotDifference {
  return { added: without(after, before), removed: without(before, after) };
}

/** Multiset difference: a rule that is present twice is two rules. */
function without(lines: Snapshot, taken: Snapshot): string[] {
  const rest = [...taken];
  return lines.filter((line) => {
    const at = rest.indexOf(line);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

/** Inspects the namespace that `exec` runs commands in. */
export async function takeSnapshot(exec: Exec): Promise<Snapshot> {
  const described = await Promise.all([
    describeLinks(exec),
    describeRoutes(exec),
    describeRules(exec),
    describeQueues(exec),
    describeNftables(exec),
    describeXtables(exec),
  ]);
  return described.flat().sort();
}

interface AddressInfo {
  readonly family: string;
  readonly local: string;
  readonly prefixlen: number;
  readonly scope: string;
}

interface LinkInfo {
  readonly ifname: string;
  readonly master?: string;
  readonly mtu: number;
  readonly linkinfo?: { readonly info_kind?: string };
  readonly addr_info: readonly AddressInfo[];
}

async function describeLinks(exec: Exec): Promise<string[]> {
  const links = await readJson<LinkInfo[]>(exec, ['ip', '-j', '-d', 'address', 'show']);
  return links.flatMap((link) => [
    `link ${link.ifname} ${link.linkinfo?.info_kind ?? 'device'} mtu ${link.mtu}${
      link.master === undefined ? '' : ` master ${link.master}`
    }`,
    ...link.addr_info
      // Link-local addresses come and go with the carrier.
      .filter(({ scope }) => scope !== 'link')
      .map(({ local, prefixlen }) => `address ${local}/${prefixlen} dev ${link.ifname}`),
  ]);
}

async function describeRoutes(exec: Exec): Promise<string[]> {
  const tables = await Promise.all(
    ['-4', '-6'].map((family) => exec(['ip', family, 'route', 'show', 'table', 'all', 'scope', 'global'])),
  );
  return tables.flatMap(({ stdout }) =>
    lines(stdout)
      .map((line) => line.replaceAll(/ (linkdown|dead)\b/g, '').trim())
      // The kernel's own entries follow the addresses and the carrier.
      .filter((line) => !/^(local|broadcast|anycast|multicast|fe80::)|proto kernel|table local/.test(line))
      .map((line) => `route ${line}`),
  );
}

async function describeRules(exec: Exec): Promise<string[]> {
  const rules = await Promise.all(['-4', '-6'].map((family) => exec(['ip', family, 'rule', 'show'])));
  return rules.flatMap(({ stdout }, index) =>
    lines(stdout)
      .map((line) => line.replaceAll(/\s+/g, ' ').trim())
      // Every namespace has these three.
      .filter(
        (line) => !/^(0: from all lookup local|32766: from all lookup main|32767: .*default)$/.test(line),
      )
      .map((line) => `${index === 0 ? 'rule' : 'rule -6'} ${line}`),
  );
}

/** Only explicitly created ones: a link's default queue has the handle 0. */
async function describeQueues(exec: Exec): Promise<string[]> {
  const { stdout } = await exec(['tc', 'qdisc', 'show']);
  return lines(stdout).flatMap((line) => {
    const [, kind = '', handle = '', rest = ''] = /^qdisc (\S+) (\S+): (.*)$/.exec(line) ?? [];
    return handle === '0' || kind === '' ? [] : [`qdisc ${kind} ${rest.replace(/ refcnt \d+/, '').trim()}`];
  });
}

type NftObject = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

async function describeNftables(exec: Exec): Promise<string[]> {
  const ruleset = await readJson<{ nftables: NftObject[] }>(exec, ['nft', '-j', '-s', 'list', 'ruleset']);
  return ruleset.nftables.flatMap(describeNftObject);
}

function describeNftObject(object: NftObject): string[] {
  return Object.entries(object).flatMap(([kind, { elem, ...rest }]) => {
    if (kind === 'metainfo') return [];
    const elements = Array.isArray(elem) ? elem : [];
    return [
      `nft ${kind} ${JSON.stringify({ ...rest, handle: undefined })}`,
      ...elements.map(
        (element) =>
          `nft element of ${String(rest['table'])} ${String(rest['name'])} ${JSON.stringify(element)}`,
      ),
    ];
  });
}

/** iptables shows what nft's JSON omits: matches and comments of rules made through iptables-nft. */
async function describeXtables(exec: Exec): Promise<string[]> {
  const saved = await Promise.all(
    ['iptables-save', 'ip6tables-save'].map(async (tool) => ({ tool, ...(await exec([tool])) })),
  );
  return saved.flatMap(({ tool, stdout }) => {
    let table = '';
    return lines(stdout).flatMap((line) => {
      if (line.startsWith('*')) table = line.slice(1);
      return line.startsWith('-A') || line.startsWith(':')
        ? [`${tool.replace('-save', '')} -t ${table} ${line.replace(/ \[\d+:\d+\]$/, '')}`]
        : [];
    });
  });
}

async function readJson<T>(exec: Exec, argv: readonly string[]): Promise<T> {
  const { exitCode, stdout, stderr } = await exec(argv);
  if (exitCode !== 0) throw new Error(`Cannot look at the namespace: ${argv.join(' ')}: ${stderr.trim()}`);
  return JSON.parse(stdout) as T;
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
