import { familyOf } from '../../input/address.ts';
import type { DiskUsage } from '../../sys/files/disk.ts';
import { type Facts, isSeen, LOOKED_AT } from '../facts/facts.ts';
import { formatBytes } from '../text/format.ts';
import { findLargest } from '../text/remedy.ts';
import { check, type Finding } from './finding.ts';

const WARN_PERCENT = 80;
const FAIL_PERCENT = 95;

function checkRoot(facts: Facts): Finding {
  const { pass, warning } = check('Host', 'root');
  if (facts.isRoot) return pass('running as root');
  return warning('not running as root: packet filter, addresses and containers cannot be seen', {
    suggestion: 'sudo flatnet doctor',
  });
}

/** `use` is the effect if the tool is missing. */
const TOOLS = [
  { tool: 'ip', debian: 'iproute2', use: 'flatnet cannot create bridges and interfaces', isVital: true },
  { tool: 'nsenter', debian: 'util-linux', use: 'flatnet cannot configure containers', isVital: true },
  {
    tool: 'nft',
    debian: 'nftables',
    use: 'published ports and isolation do not work; iptables masquerades',
    isVital: false,
  },
] as const;

function checkTools(facts: Facts): readonly Finding[] {
  const { pass, warning, fail } = check('Host', 'tools');
  const missing = TOOLS.filter(({ tool }) => facts.tools[tool] === undefined);
  if (missing.length === 0) return [pass(TOOLS.map(({ tool }) => facts.tools[tool]).join(', '))];
  return missing.map(({ tool, debian, use, isVital }) => {
    const more = { effect: use, suggestion: `sudo apt-get install ${debian}` };
    return isVital ? fail(`"${tool}" is not installed`, more) : warning(`"${tool}" is not installed`, more);
  });
}

function checkForwarding(facts: Facts): readonly Finding[] {
  const { pass, fail, skipped } = check('Host', 'ip forwarding');
  const families = facts.networks.flatMap(({ subnets }) => subnets.map(familyOf));
  const keys = [
    { family: 4, key: 'net/ipv4/ip_forward', name: 'net.ipv4.ip_forward', value: facts.ipForward },
    {
      family: 6,
      key: 'net/ipv6/conf/all/forwarding',
      name: 'net.ipv6.conf.all.forwarding',
      value: facts.ip6Forward,
    },
  ].filter(({ family }) => family === 4 || families.includes(6));
  const isUsed = facts.networks.some(
    ({ bridge, allocations }) => bridge !== undefined || allocations.length > 0,
  );
  const found = keys.map(({ key, name, value }) => {
    if (value === undefined) return skipped(`${name} cannot be read`);
    if (value !== '0') return pass(`${name} is ${value}`);
    if (!isUsed) return skipped(`${name} is 0; the plugin sets it with the first container`);
    return fail(`${name} is ${value}`, {
      effect: 'packets do not pass between containers and the networks beyond the bridge, Windows included',
      suggestion: 'sudo flatnet forwarding enable --persist',
      fix: { kind: 'ip-forward', key },
    });
  });
  return facts.ipForward === '0' ? found : [...found, ...checkClosedLinks(facts)];
}

/** `forwarding` = 0 on a link drops packets that arrive on it. Only flatnet's bridges get a fix. */
function checkClosedLinks({ networks }: Facts): readonly Finding[] {
  const used = networks.filter(({ bridge }) => bridge !== undefined);
  return [...new Set(used.flatMap(({ closedLinks }) => closedLinks))].map((link) => {
    const key = `net/ipv4/conf/${link}/forwarding`;
    const isOurs = used.some(({ bridgeName }) => bridgeName === link);
    return check('Host', 'ip forwarding').fail(`net.ipv4.conf.${link}.forwarding is 0`, {
      effect: isOurs
        ? 'packets from containers are not forwarded beyond the bridge'
        : 'packets that arrive on it reach no container, replies included',
      suggestion: `sudo sysctl -w ${key}=1`,
      ...(isOurs ? { fix: { kind: 'ip-forward', key } } : {}),
    });
  });
}

function diskFinding({
  directory,
  mountPoint,
  usedPercent,
  inodesUsedPercent,
  freeBytes,
}: DiskUsage): Finding {
  const { pass, warning, fail } = check('Host', 'disk');
  const isInodes = inodesUsedPercent > usedPercent && inodesUsedPercent >= WARN_PERCENT;
  const percent = isInodes ? inodesUsedPercent : usedPercent;
  const message = `${directory}: ${percent.toFixed(0)} % of its ${isInodes ? 'inodes' : 'space'} used, ${formatBytes(freeBytes)} free`;
  const more = {
    effect: 'flatnet cannot record addresses, and no container starts',
    suggestion: `df -h ${directory}; ${findLargest(mountPoint)}; sudo podman image prune`,
  };
  if (percent >= FAIL_PERCENT) return fail(message, more);
  return percent >= WARN_PERCENT ? warning(message, more) : pass(message);
}

function checkDisks(facts: Facts): readonly Finding[] {
  const isNew = (disk: DiskUsage, index: number) =>
    facts.disks.findIndex((other) => other.directory === disk.directory) === index;
  return facts.disks.filter(isNew).map(diskFinding);
}

const LOG_LIMIT_BYTES = 64 * 1024 * 1024;

function checkLogSize(facts: Facts): Finding {
  const { pass, warning, skipped } = check('Host', 'log rotation');
  if (!isSeen(facts, 'log')) return skipped('only root can read the log');
  if (facts.isLogRotated) return pass(`log of ${formatBytes(facts.logBytes)}, rotated by logrotate`);
  const message = `log of ${formatBytes(facts.logBytes)}, not rotated`;
  if (facts.logBytes < LOG_LIMIT_BYTES) return pass(message);
  return warning(message, { suggestion: 'sudo flatnet install' });
}

const LOOPBACK = /^(127\.|::1$)/;

function checkResolver(facts: Facts): Finding {
  const { pass, warning } = check('Host', 'dns');
  const servers = facts.nameservers;
  const more = {
    effect: 'containers cannot resolve names; IP addresses work',
    suggestion:
      'set nameservers for the network: "dns": {"nameservers": ["<address>"]} in its conflist, or podman run --dns <address>',
  };
  const own = facts.networks.filter(({ network }) => (network.conf.dns.nameservers ?? []).length > 0);
  if (own.length > 0 && own.length === facts.networks.length) {
    return pass(
      `the networks name their own servers: ${own.map(({ network }) => network.conf.dns.nameservers?.join(', ') ?? '').join('; ')}`,
    );
  }
  if (servers.length === 0) return warning('/etc/resolv.conf names no server', more);
  if (servers.every((server) => LOOPBACK.test(server)) && !facts.hasResolvedFile) {
    return warning(
      `/etc/resolv.conf names only ${servers.join(', ')}, which inside a container is the container itself`,
      more,
    );
  }
  return pass(`nameserver ${servers.join(', ')}`);
}

/** Omits what other checks report: no root, a missing tool, a broken Podman. */
function checkUnseen(facts: Facts): readonly Finding[] {
  if (!facts.isRoot) return [];
  const unexplained = facts.unseen.filter(
    ({ what, why }) => what !== LOOKED_AT.podman && !why.startsWith('Cannot find "'),
  );
  return unexplained.map(({ what, why }) =>
    check('Host', 'visibility').warning(`cannot inspect ${what}: ${why}`),
  );
}

export function checkHost(facts: Facts): readonly Finding[] {
  return [
    checkRoot(facts),
    ...checkTools(facts),
    ...checkForwarding(facts),
    ...checkDisks(facts),
    checkLogSize(facts),
    checkResolver(facts),
    ...checkUnseen(facts),
  ];
}
