#!/usr/bin/env bash
# From a clone to containers with reachable addresses: sudo scripts/quickstart.sh [--keep]
# Builds flatnet, installs it, starts three containers on it, fetches pages and cleans up; --keep leaves the containers.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/steps.sh
. scripts/steps.sh
# shellcheck source=scripts/packages.sh
. scripts/packages.sh
# shellcheck source=scripts/podman.sh
. scripts/podman.sh

# The Node in flatnet is linked against libatomic; dnsmasq answers for names where Podman has no aardvark-dns.
readonly PACKAGES=(busybox-static ca-certificates dnsmasq-base iproute2 libatomic1 nftables podman runc)
readonly CONTAINERS=(flatnet-quickstart-1 flatnet-quickstart-2 flatnet-quickstart-3)

usage() {
  cat <<EOF
Usage: sudo scripts/quickstart.sh [--keep]

Installs what is missing, builds and installs flatnet, starts three containers on it, fetches pages from them, and
removes the containers again.

  --keep  leave the three containers running
  --help  show this, and do nothing
EOF
}

keep=no
for word in "$@"; do
  case $word in
    --keep) keep=yes ;;
    -h | --help) usage && exit ;;
    *) printf 'Unknown option "%s"\n' "$word" >&2 && usage >&2 && exit 2 ;;
  esac
done

need_root
work=$(mktemp -d)
step_title=
step_advice=
started=no
exec 3>&1

finish() {
  local code=$?
  trap - EXIT
  if [ "$interrupted" = yes ]; then
    keep=no
    [ -z "$step_title" ] || printf 'interrupted\n' >&3
  elif [ -n "$step_title" ]; then
    printf 'failed\n\n' >&3
    tail -n 20 "$work/log" | sed 's/^/  /' >&3
    printf '\nCannot finish "%s". %s\n' "$step_title" "$step_advice" >&3
    code=1
  fi
  # Nothing of a demonstration that failed stays behind, unless its containers are wanted for a look.
  if [ "$started" = yes ] && [ "$keep" = no ]; then
    clean_up >/dev/null 2>&1 || printf 'Cannot clean up: run "podman rm --force %s"\n' "${CONTAINERS[*]}" >&3
  fi
  rm -rf "$work"
  exit "$code"
}
trap finish EXIT
end_on_signals

# step TITLE ADVICE COMMAND...: runs the command, which ends the script when it fails; the advice says what to do then.
step() {
  local start
  step_title=$1 step_advice=$2
  shift 2
  : >"$work/notes"
  printf '%-44s ' "$step_title" >&3
  start=$(date +%s%N)
  run_in_group "$@" >"$work/log" 2>&1
  start=$((($(date +%s%N) - start) / 100000000))
  printf '%4d.%d s\n' $((start / 10)) $((start % 10)) >&3
  sed 's/^/    /' "$work/notes" >&3
  step_title=
}

# note TEXT: what a step has to tell besides its success.
note() {
  printf '%s\n' "$1" >>"$work/notes"
}

# install_missing: notes what does not start at boot.
install_missing() {
  install_packages "${PACKAGES[@]}"
  grep '^Left disabled' "$work/log" >>"$work/notes" || true
}

# install_flatnet: notes each file; a network configuration of the user, which is kept, is no failure.
install_flatnet() {
  local code=0 said
  said=$(dist/flatnet install) || code=$?
  printf '%s\n' "$said"
  [ "$code" -le 1 ] || return "$code"
  keep_way "$said"
  printf '%s\n' "${said%%$'\n\n'*}" >>"$work/notes"
  grep '^Installed as ' <<<"$said" >>"$work/notes"
}

remove_containers() {
  podman rm --force --ignore --time 0 "${CONTAINERS[@]}"
}

address_of() {
  podman inspect --format '{{.NetworkSettings.Networks.flatnet.IPAddress}}' "$1"
}

start_containers() {
  local name
  remove_containers
  for name in "${CONTAINERS[@]}"; do
    podman run --detach --name "$name" --network flatnet "$IMAGE" \
      sh -c "echo 'Hello from $name' >/www/index.html && exec httpd -f -p 80 -h /www"
    note "$name  $(address_of "$name")"
  done
}

# fetch FROM NAME COMMAND...: notes the page that a container serves; one that has only just started gets a moment.
fetch() {
  local from=$1 name=$2 url page
  shift 2
  url="http://$(address_of "$name")/"
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    # busybox's own wget -T ends in a segmentation fault.
    page=$("$@" busybox timeout 5 busybox wget -q -O - "$url") && break
    sleep 0.2
  done
  [ "$page" = "Hello from $name" ]
  note "$from: $url: $page"
}

fetch_from_host() {
  local name
  for name in "${CONTAINERS[@]}"; do
    fetch host "$name"
  done
}

fetch_from_container() {
  local first=${CONTAINERS[0]} name
  for name in "${CONTAINERS[@]:1}"; do
    fetch "$first" "$name" podman exec "$first"
  done
}

# ask_for_names: from the first container, for the others. A network of the user's own may serve no names.
ask_for_names() {
  local first=${CONTAINERS[0]} name
  if ! podman exec "$first" grep -q '^search.* flatnet' /etc/resolv.conf; then
    note "no names: the network has no key \"names\", see docs/configuration.md"
    return
  fi
  for name in "${CONTAINERS[@]:1}"; do
    podman exec "$first" nslookup -type=a "$name" | grep -Fx "Address: $(address_of "$name")"
    note "$first: $name is at $(address_of "$name")"
  done
}

clean_up() {
  find_private
  remove_containers
  podman rmi --force "$IMAGE"
  [ ! -e "$work/private" ] || rm -rf "$PRIVATE"
}

announced=("${PACKAGES[@]}")
! lacks_npm || announced+=(nodejs npm)
announce_packages "${announced[@]}"
step 'Installing missing packages' \
  'Does "apt-get update" work? Then install them by hand and run this script again.' \
  install_missing
step 'Looking for npm' \
  'Install npm and Node 18 or newer, then run this script again.' \
  ensure_npm
step 'Looking for Podman' \
  'flatnet needs Podman 4 with CNI, as Debian 12 and Ubuntu 24.04 have it, or Podman 5 with netavark 1.6, as Debian 13.' \
  check_podman
step 'Fetching what the build needs (npm ci)' \
  'Does "npm ping" reach the registry? A proxy goes into npm config set https-proxy.' \
  as_owner npm ci
step 'Building (npm run build)' \
  'Run "npm run build" to see all of its output.' \
  as_owner npm run build
step 'Building the gateway (npm run build:daemon)' \
  'Run "npm run build:daemon" to see all of its output.' \
  as_owner npm run build:daemon
step 'Installing' \
  'Are /opt, /usr/local and /etc on file systems that can be written to?' \
  install_flatnet
started=yes
step 'Making an image and trying Podman' \
  'Does "podman run --rm --network none IMAGE true" work on this machine?' \
  set_up_podman
find_private
step 'Starting three containers' \
  'The message names cause and remedy; /var/log/flatnet/cni.log has every call.' \
  start_containers
step 'Fetching pages from the host' \
  'Does a firewall of this machine drop what goes to flatnet-br0? See "nft list ruleset".' \
  fetch_from_host
step 'Fetching pages from a container' \
  'Does a firewall of this machine drop what is forwarded on flatnet-br0? See "nft list ruleset".' \
  fetch_from_container
step 'Asking for names from a container' \
  'Run "flatnet doctor": a firewall of this machine may drop what comes from flatnet-br0 to port 53.' \
  ask_for_names

settings=
exports=
if [ -e "$work/private" ]; then
  settings=$(sed 's/^/  /' "$CONTAINERS_CONF")
  exports="export CONTAINERS_CONF=$CONTAINERS_CONF CONTAINERS_STORAGE_CONF=$CONTAINERS_STORAGE_CONF"
fi
if [ "$keep" = yes ]; then
  printf '\nThe containers go on running.'
  [ -z "$exports" ] || printf ' podman and flatnet know them in a shell of root (sudo -s) after\n  %s' "$exports"
  printf '\nTo remove them there:\n  podman rm --force %s\n' "${CONTAINERS[*]}"
else
  step 'Cleaning up' "Run \"${exports:+$exports; }podman rm --force ${CONTAINERS[*]}\"." clean_up
  started=no
fi
printf '\nflatnet is installed. Containers join it with "podman run --network flatnet".\n'
[ -z "$settings" ] ||
  printf 'For that, Podman on this machine needs in /etc/containers/containers.conf:\n%s\n' "$settings"
