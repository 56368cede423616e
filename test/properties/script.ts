import { confOf, HOMES, ifnameOf, NETWORK_NAMES, NETWORKS, type NetworkName, type Port } from './networks.ts';
import { DESK } from './kernel.ts';

/*
 * Operations as lines of sh. What a history runs is what is printed of it, so that a person can run it again by hand.
 */

/** In quotes, for sh. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** Functions that the lines use. FLATNET is the executable. */
export const PRELUDE = `
# call NUMBER VERB CONTAINER NETNS IFNAME ARGS CONFIGURATION
call() {
  code=0
  printf %s "$7" | CNI_COMMAND=$2 CNI_CONTAINERID=$3 CNI_NETNS=$4 CNI_IFNAME=$5 CNI_ARGS=$6 CNI_PATH=/usr/lib/cni \\
    "$FLATNET" >${DESK}/$1.out 2>${DESK}/$1.err || code=$?
  echo $code >${DESK}/$1.code
}
# command_line NUMBER WORDS...: the command line of flatnet
command_line() {
  code=0 number=$1; shift
  "$FLATNET" "$@" >${DESK}/$number.out 2>${DESK}/$number.err || code=$?
  echo $code >${DESK}/$number.code
}
# keep STEP: the state files as they are after a step
keep() {
  for home in ${HOMES.join(' ')}; do
    [ ! -e $home/allocations.json ] || cp -p $home/allocations.json ${DESK}/\${home##*/}.$1
  done
}
`;

/** Network lists as `flatnet install` leaves them. */
export const FURNISH: readonly string[] = [
  `mkdir -p ${DESK} /etc/cni/net.d`,
  ...NETWORK_NAMES.map((name) => `echo ${quote(listOf(name))} >/etc/cni/net.d/${name}.conflist`),
];

function listOf(network: NetworkName): string {
  const { cniVersion, name, ...plugin } = confOf(network, { container: 'a', ports: [] });
  return JSON.stringify({ cniVersion, name, plugins: [{ ...plugin, capabilities: { portMappings: true } }] });
}

/** The same for a person: the host has to be made, and the answers are shown. */
const BY_HAND = `#!/bin/sh
# Usage: sh THIS flatnet-executable. Makes its own network and mount namespace.
[ -n "$INSIDE" ] || exec env INSIDE=1 unshare -n -m --propagation private sh "$0" "$(realpath "$1")"
FLATNET=$1; export FLATNET PATH=/usr/sbin:/usr/bin:/sbin:/bin
for d in /run /var/lib /var/log; do mount -t tmpfs tmpfs $d; done
mount -t sysfs sysfs /sys; ip link set lo up; mkdir /run/netns /run/etc
cp -a /etc/. /run/etc; mount --bind /run/etc /etc; rm -rf /etc/cni
${FURNISH.join('\n')}
`;

const SHOW = `
set +x; cd ${DESK}; for f in $(ls *.code | sort -n); do n=\${f%.code}; echo "$n: exit code $(cat $f)"; cat $n.out $n.err; done
nft list table inet flatnet | grep -E 'map |dport|tcp|udp'; for n in $(ls /run/netns); do echo $n; ip -n $n -br addr; done
ip -d link show type veth | grep alias; grep -o '^,\\?"n[0-9]/[^,]*' /var/lib/flatnet/*/allocations.json
`;

/** A script that does these steps on a host of its own, and shows what came of it. */
export function scriptOf(steps: readonly (readonly string[])[]): string {
  const lines = steps.flatMap((step, index) => [`# step ${index}`, ...step]);
  return `${BY_HAND}${PRELUDE}\nset -x\n${lines.join('\n')}\n${SHOW}`;
}

/** What a call is about. */
export interface Subject {
  readonly container: string;
  readonly network: NetworkName;
  readonly ports: readonly Port[];
}

/** Details of a call that differ from verb to verb. */
export interface CallDetails {
  readonly verb: 'ADD' | 'DEL' | 'CHECK' | 'GC';
  readonly hasNetns: boolean;
  readonly args?: string | undefined;
  /** Further keys of the configuration. */
  readonly more?: object;
}

/** One call of the plugin; its answer goes to the file of that number. */
export function callLine(
  number: number,
  subject: Subject,
  { verb, hasNetns, args, more }: CallDetails,
): string {
  const { container, network } = subject;
  const name = `IgnoreUnknown=1;K8S_POD_NAME=n${container}`;
  const conf = JSON.stringify({ ...confOf(network, subject), ...more });
  return [
    `call ${number} ${verb} ${container}`,
    hasNetns ? `/run/netns/${container}` : "''",
    ifnameOf(network),
    quote(args === undefined ? name : `${name};${args}`),
    quote(conf),
  ].join(' ');
}

/** Makes a sandbox, whose `lo` is down, as runtimes hand it over. */
export function sandboxLine(container: string): string {
  return `ip netns add ${container}`;
}

/** Everything goes, as after a reboot, but for what was called before: between two histories. */
export const WIPE: readonly string[] = [
  'ip -all netns delete',
  'nft flush ruleset',
  ...NETWORK_NAMES.map(
    (name) => `[ ! -e /sys/class/net/${NETWORKS[name].bridge} ] || ip link delete ${NETWORKS[name].bridge}`,
  ),
  `rm -rf /var/lib/* /var/log/* /run/flatnet ${DESK}`,
  `mkdir ${DESK}`,
];
