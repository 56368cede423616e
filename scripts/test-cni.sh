#!/usr/bin/env bash
# Puts the installed plugin through one container's life, in a namespace of its own that touches nothing of this
# machine: sudo scripts/test-cni.sh. FLATNET names another executable than the installed one.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=scripts/steps.sh
. scripts/steps.sh

usage='Usage: sudo scripts/test-cni.sh
FLATNET names another executable than the installed one.'
case ${1:-} in
  '') ;;
  -h | --help) echo "$usage" && exit ;;
  *) printf 'Unknown option "%s"\n%s\n' "$1" "$usage" >&2 && exit 2 ;;
esac

need_root
if [ "${FLATNET_INSIDE:-}" != yes ]; then
  plugin=$(find_flatnet) || exit 1
  export FLATNET=$plugin FLATNET_INSIDE=yes
  exec unshare --net --mount --propagation private -- "$0"
fi

readonly NETWORK='"cniVersion":"1.0.0","name":"flatnet","type":"flatnet","ipMasq":true'
failed=0
for directory in /run /var/lib /var/log; do
  mount -t tmpfs -o mode=755 tmpfs "$directory" || fail "Cannot cover $directory: is this a container without privileges?"
done
mkdir -p /run/netns
ip link set dev lo up

# verdict TITLE CODE [DETAIL]: one line, and what was said when it went wrong.
verdict() {
  if [ "$2" -eq 0 ]; then
    printf '[OK] %s\n' "$1"
  else
    printf '[NG] %s\n%s\n' "$1" "${3:-}"
    failed=1
  fi
}

# call VERB JSON: one call of the plugin; its answer is in $answer.
call() {
  answer=$(printf '%s' "$2" | CNI_COMMAND=$1 CNI_CONTAINERID=flatnet-test-cni CNI_NETNS=/run/netns/flatnet-test-cni \
    CNI_IFNAME=eth0 CNI_PATH=/opt/cni/bin "$FLATNET" 2>&1)
}

# in_sandbox COMMAND...: inside the container's namespace.
in_sandbox() {
  ip netns exec flatnet-test-cni "$@"
}

echo '=== CNI Test ==='
call VERSION '{"cniVersion":"1.0.0","name":"flatnet","type":"flatnet"}'
[[ $answer == *'"supportedVersions"'* ]]
verdict "VERSION: $FLATNET" $? "$answer"

ip netns add flatnet-test-cni
call ADD "{$NETWORK}"
verdict 'ADD' $? "$answer"
result=$answer

in_sandbox ip -brief address show dev eth0 | grep -q 10.87.1.2/24
verdict 'Address: 10.87.1.2/24 on eth0' $?

ip -brief address show dev flatnet-br0 | grep -q 10.87.1.1/24
verdict 'Bridge: flatnet-br0 with 10.87.1.1/24' $?

if command -v ping >/dev/null; then
  in_sandbox ping -c 1 -W 2 10.87.1.1 >/dev/null
  verdict 'Ping from the container to the bridge' $?
elif command -v busybox >/dev/null; then
  in_sandbox busybox ping -c 1 -W 2 10.87.1.1 >/dev/null
  verdict 'Ping from the container to the bridge' $?
fi

call CHECK "{$NETWORK,\"prevResult\":$result}"
verdict 'CHECK' $? "$answer"

call DEL "{$NETWORK,\"prevResult\":$result}"
verdict 'DEL' $? "$answer"
call DEL "{$NETWORK}"
verdict 'DEL again' $? "$answer"

left=$(ip -brief link show type veth; grep -o '"10.87.1.[0-9]*' /var/lib/flatnet/ipam/allocations.json 2>/dev/null)
[[ $left != *fn* ]]
verdict 'Nothing left behind' $? "$left"
echo '=== Done ==='
exit "$failed"
