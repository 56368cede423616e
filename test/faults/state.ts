import type { Host, Sandbox } from '../../conformance/host.ts';

/*
 * What flatnet has made in a throw-away host, looked at with two processes: these tests look a thousand times, and
 * the suite's snapshot, which sees more, starts thirty.
 */

const LINKS = `ip -j -d address show; echo; echo ---
ip -4 route show table all scope global; ip -6 route show table all proto static; ip -6 route show default; echo ---`;

/** The note of what was written last is no attachment's: it goes where it cannot be written, and comes with the next. */
const OUTSIDE = `${LINKS}
nft -j -s list ruleset; echo; echo ---
conntrack -L 2>/dev/null; echo ---
find /var/lib /run -xdev -path '*flatnet*' ! -path '/run/flatnet/state-*' ! -path '/run/flatnet/feature-*'; ls -d /var/lib/cni/networks/*/*.* 2>/dev/null; echo ---
cat /var/lib/flatnet/ipam/allocations.json 2>/dev/null || true`;

interface Link {
  readonly ifname: string;
  readonly master?: string;
  readonly ifalias?: string;
  readonly addr_info: readonly {
    readonly scope: string;
    readonly local: string;
    readonly prefixlen: number;
  }[];
}

/** Whoever attaches first brings `lo` up, for everybody; link-local addresses come with the carrier. */
function describeLinks(json: string): string[] {
  return (JSON.parse(json) as readonly Link[])
    .filter(({ ifname }) => ifname !== 'lo')
    .flatMap(({ ifname, master = '', ifalias = '', addr_info: addresses }) => [
      `link ${ifname} ${master} ${ifalias}`,
      ...addresses
        .filter(({ scope }) => scope !== 'link')
        .map(({ local, prefixlen }) => `address ${local}/${prefixlen} dev ${ifname}`),
    ]);
}

/** The bridge with its address, and what the packet filter has for a whole network and not for a container, stay. */
function isShared(line: string): boolean {
  return (
    /^link flatnet-br0 |^address \S+ dev flatnet-br0$|dev flatnet-br0 proto kernel/.test(line) ||
    (line.startsWith('nft ') && !/f{64}|fn[0-9a-z]{13}|10\.\d+\.1\.[2-9]\b|fd00:89::[2-9]/.test(line))
  );
}

function describeRuleset(json: string): string[] {
  const { nftables } = JSON.parse(json) as { nftables: readonly Record<string, Record<string, unknown>>[] };
  return nftables.flatMap((object) =>
    Object.entries(object).flatMap(([kind, { elem, ...rest }]) => [
      ...(kind === 'metainfo' ? [] : [`nft ${kind} ${JSON.stringify({ ...rest, handle: undefined })}`]),
      ...(Array.isArray(elem) ? elem : []).map(
        (element) => `nft element of ${String(rest['name'])} ${JSON.stringify(element)}`,
      ),
    ]),
  );
}

function keysOf(json: string): string[] {
  if (json.trim() === '') return [];
  const { allocations } = JSON.parse(json) as { allocations: object };
  return Object.keys(allocations).map((key) => `allocation ${key}`);
}

function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replaceAll(/ (linkdown|dead)\b/g, '').trim())
    .filter((line) => line !== '');
}

/** The bridge's own multicast reports are nobody's connection, nor is what flatnet asks the server of names. */
const isForeign = (line: string) => /dst=(224\.|ff0)| dst=10\.87\.1\.1 sport=\d+ dport=53 /.test(line);

const KEPT =
  /^\/(var\/lib|run)\/flatnet(\/ipam(\/allocations\.json)?|\/forward-[^/]+)?$|\/last_reserved_ip\./;

async function look(place: Pick<Host, 'run'>, script: string): Promise<string[]> {
  return (await place.run(['sh', '-c', script])).split('---\n');
}

/** Links, addresses, routes, rules, connections, files, locks and allocations of the host, and of one sandbox. */
export async function stateOf(host: Host, sandbox: Sandbox): Promise<readonly string[]> {
  const [outside, inside] = await Promise.all([look(host, OUTSIDE), look(sandbox, LINKS)]);
  const [links = '[]', routes = '', ruleset = '', connections = '', files = '', allocations = ''] = outside;
  const [insideLinks = '[]', insideRoutes = ''] = inside;
  return [
    ...[...describeLinks(links), ...lines(routes), ...describeRuleset(ruleset)].filter(
      (line) => !isShared(line),
    ),
    ...[...describeLinks(insideLinks), ...lines(insideRoutes)].map((line) => `sandbox ${line}`),
    ...lines(connections).filter((line) => !isForeign(line)),
    ...lines(files).filter((path) => !KEPT.test(path)),
    ...keysOf(allocations),
  ];
}
