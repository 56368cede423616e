#!/usr/bin/env bash
# Starts two containers on network flatnet and lets them be reached: sudo scripts/test-integration.sh [--quick]
# Without --quick also stop, start, restart and kill. The image is made of busybox; nothing is pulled.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=scripts/steps.sh
. scripts/steps.sh

readonly CONTAINERS=(integ-web1 integ-web2) IMAGE=localhost/flatnet-integration
readonly STATE=/var/lib/flatnet/ipam/allocations.json
usage='Usage: sudo scripts/test-integration.sh [--quick]'
quick=no
case ${1:-} in
'') ;;
--quick) quick=yes ;;
-h | --help)
  echo "$usage"
  exit 0
  ;;
*)
  printf 'Unknown option "%s"\n%s\n' "$1" "$usage" >&2
  exit 2
  ;;
esac

need_root
for tool in podman busybox tar; do
  command -v "$tool" >/dev/null || fail "Cannot find $tool: run \"sudo apt-get install podman busybox-static\""
done
failed=0
work=$(mktemp -d)

# shellcheck disable=SC2317 # called by the trap
clean_up() {
  podman rm --force --ignore --time 0 "${CONTAINERS[@]}" >/dev/null 2>&1
  podman rmi --force "$IMAGE" >/dev/null 2>&1
  rm -rf "$work"
}
trap clean_up EXIT

# verdict TITLE CODE
verdict() {
  if [ "$2" -eq 0 ]; then
    printf '[OK] %s\n' "$1"
  else
    printf '[NG] %s\n' "$1"
    failed=1
  fi
}

make_image() {
  local applet
  mkdir -p "$work"/root/{bin,etc,tmp,www}
  cp "$(command -v busybox)" "$work/root/bin/busybox"
  for applet in $(busybox --list); do
    [ "$applet" = busybox ] || ln -s busybox "$work/root/bin/$applet"
  done
  echo OK >"$work/root/www/index.html"
  tar -C "$work/root" -cf - . |
    podman import --quiet --change 'ENV PATH=/bin' --change 'CMD ["httpd","-f","-p","80","-h","/www"]' - "$IMAGE"
}

address_of() {
  podman inspect --format '{{.NetworkSettings.Networks.flatnet.IPAddress}}' "$1"
}

# answers URL [COMMAND...]: whether the page is served; a server that has only just started gets a moment.
answers() {
  local url=$1 end=$((SECONDS + 5))
  shift
  while [ "$SECONDS" -lt "$end" ]; do
    [ "$("$@" busybox timeout 3 busybox wget -q -O - "$url" 2>/dev/null)" = OK ] && return 0
    sleep 0.2
  done
  return 1
}

test_reachability() {
  echo '2. Testing host -> container...'
  answers "http://$ip1/"
  verdict "HTTP to $ip1" $?
  answers "http://$ip2/"
  verdict "HTTP to $ip2" $?
  echo '3. Testing container -> container...'
  answers "http://$ip2/" podman exec integ-web1
  verdict 'Container inter-communication' $?
}

test_life_cycle() {
  local after
  echo '4. Testing the life cycle...'
  podman stop --time 0 integ-web1 >/dev/null && podman start integ-web1 >/dev/null
  after=$(address_of integ-web1)
  [ "$after" = "$ip1" ]
  verdict 'IP preserved' $?
  podman restart --time 0 integ-web1 >/dev/null && answers "http://$(address_of integ-web1)/"
  verdict 'Network works after restart' $?
  podman kill integ-web2 >/dev/null
  podman rm --force --time 0 integ-web2 >/dev/null
  # Below "released" are those that a container may get back; above are the ones in use.
  ! sed '/"released"/,$d' "$STATE" | grep -q "\"flatnet/$ip2\""
  verdict 'Address released' $?
}

echo '=== Phase 2 Integration Test ==='
echo 'It uses rootful Podman.'
echo '1. Starting test containers...'
podman rm --force --ignore --time 0 "${CONTAINERS[@]}" >/dev/null 2>&1
make_image >/dev/null || fail '[NG] Cannot make an image: see the message of podman above'
for name in "${CONTAINERS[@]}"; do
  podman run --detach --name "$name" --network flatnet "$IMAGE" >/dev/null ||
    fail "[NG] Cannot start $name: see the message of podman above, and run \"sudo flatnet doctor\""
done
ip1=$(address_of integ-web1)
ip2=$(address_of integ-web2)
echo "Container IPs: $ip1, $ip2"
test_reachability
[ "$quick" = yes ] || test_life_cycle
echo "$([ "$quick" = yes ] && echo 4 || echo 5). Cleanup..."
echo '=== Done ==='
exit "$failed"
