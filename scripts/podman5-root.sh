#!/usr/bin/env bash
# Makes the Debian in which the tests run Podman 5, unless it is there already: sudo scripts/podman5-root.sh [SUITE]
# trixie, the default, is Debian 13 with Podman 5.4; sid has a newer one. The last line it prints is the directory.
set -euo pipefail

readonly SUITE=${1:-trixie}
readonly DIRECTORY=${FLATNET_TEST_ROOTS:-/var/cache/flatnet-test}/$SUITE
# The Node in flatnet is linked against libatomic; the rest is what Podman 5 and the tests run.
readonly PACKAGES=podman,netavark,aardvark-dns,runc,iproute2,nftables,iptables,libatomic1,busybox-static,ca-certificates

case $SUITE in
trixie | sid) ;;
*)
  printf 'Unknown suite "%s"\nUsage: sudo %s [trixie|sid]\n' "$SUITE" "$0" >&2
  exit 2
  ;;
esac
[ "$(id -u)" -eq 0 ] || {
  printf 'Run it as root: sudo %s\n' "$0" >&2
  exit 1
}
command -v debootstrap >/dev/null || {
  printf 'Cannot find debootstrap: sudo apt-get install debootstrap\n' >&2
  exit 1
}

mkdir -p "$(dirname "$DIRECTORY")"
# Two test runs may ask at the same time: the second one waits, and finds it made.
exec 9>"$DIRECTORY.lock"
flock 9
if [ ! -d "$DIRECTORY" ]; then
  unfinished=$DIRECTORY.unfinished
  rm -rf "$unfinished"
  debootstrap --variant=minbase --include="$PACKAGES" "$SUITE" "$unfinished" >&2
  rm -rf "$unfinished"/var/cache/apt/archives/*.deb
  # Under its own name only when it is whole.
  mv "$unfinished" "$DIRECTORY"
fi
printf '%s\n' "$DIRECTORY"
