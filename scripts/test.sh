#!/usr/bin/env bash
# Installs what the tests need and runs them all: sudo scripts/test.sh
# A failed step does not stop the later ones. The last line is "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=scripts/steps.sh
. scripts/steps.sh
# shellcheck source=scripts/packages.sh
. scripts/packages.sh

usage() {
  cat <<EOF
Usage: sudo scripts/test.sh [TEST...]

Installs what the tests need and runs all of them, in namespaces of their own. The last line is "N passed, N failed".

  TEST    run these files of test/ only, without lint, builds and conformance suite
  --help  show this, and do nothing
EOF
}

for word in "$@"; do
  case $word in
    -h | --help) usage && exit ;;
    -*) printf 'Unknown option "%s"\n' "$word" >&2 && usage >&2 && exit 2 ;;
  esac
  [ -e "$word" ] || {
    printf 'Cannot find "%s" in %s\n' "$word" "$PWD" >&2
    usage >&2
    exit 2
  }
done

# The Node in flatnet is linked against libatomic.
readonly PACKAGES=(
  busybox-static ca-certificates chromium conntrack containerd containernetworking-plugins curl debootstrap
  dnsmasq-base
  golang-github-appc-cni-dev golang-go iproute2 iptables libatomic1 libnginx-mod-http-lua musl-tools nftables nginx podman procps runc
  shellcheck strace util-linux
)
# What the executable for arm64 needs to run on another processor.
readonly FOR_ARM64=(libatomic1-arm64-cross libc6-arm64-cross libstdc++6-arm64-cross qemu-user)
# Under systemd its package would start it, on this very machine; its tests are skipped there.
readonly WITHOUT_SYSTEMD=(dbus firewalld)
# A step that hangs is ended after this time.
readonly LIMIT=30m

need_root
work=$(mktemp -d)
# Tests of other users' rights have to get to their own directories in it.
chmod 711 "$work"
reports=$work/reports temporary=$work/tmp
mkdir "$reports" "$temporary"
trap 'rm -rf "$work"' EXIT
end_on_signals
failed_steps=0
summary=()

# step TITLE COMMAND...: runs the command without standard input, and notes how it ended.
step() {
  local title=$1 start=$SECONDS outcome=ok
  shift
  printf '\n== %s\n' "$title"
  run_in_group "$@" || outcome="failed ($?)"
  summary+=("$(printf '%5d s  %-20s %s' $((SECONDS - start)) "$title" "$outcome")")
  [ "$outcome" = ok ]
}

# check TITLE COMMAND...: a step that is either good or counts as one failure.
check() {
  step "$@" || failed_steps=$((failed_steps + 1))
}

# script NAME: a check that package.json has a script for.
script() {
  check "$1" timeout --kill-after=30s "$LIMIT" npm run "$1"
}

# tests SCRIPT [TEST...]: a script of package.json that runs vitest; its report is what is counted.
tests() {
  local script=$1 report=$reports/${1//:/-}.json
  shift
  # What a test that is interrupted leaves in its temporary directory goes with this script's.
  step "$script" env TMPDIR="$temporary" timeout --kill-after=30s "$LIMIT" npm run "$script" -- \
    --reporter=default --reporter=json --outputFile.json="$report" --passWithNoTests "$@" && return
  # A run that broke down outside its tests has no failed test to show for it.
  grep -Eq '"numFailedTests":[1-9]' "$report" 2>/dev/null || failed_steps=$((failed_steps + 1))
}

# sum FIELD: the field's total over all reports.
sum() {
  cat "$reports"/*.json 2>/dev/null | grep -Eo "\"$1\":[0-9]+" | awk -F: '{ total += $2 } END { print total + 0 }'
}

# checks: what is no test of vitest's and goes before those.
checks() {
  check shellcheck shellcheck -x scripts/*.sh scripts/*/*.sh .ci/run
  script format:check
  script lint
  script types
  check build as_owner npm run build
  local other
  for other in plain daemon; do check "build:$other" as_owner npm run "build:$other"; done
  [ "$(uname -m)" != x86_64 ] || check build:arm64 as_owner npm run build:arm64
}

packages=("${PACKAGES[@]}")
[ -d /run/systemd/system ] || packages+=("${WITHOUT_SYSTEMD[@]}")
[ "$(uname -m)" != x86_64 ] || packages+=("${FOR_ARM64[@]}")
announced=("${packages[@]}")
lacks_npm && announced+=(nodejs npm)
announce_packages "${announced[@]}"
check 'Debian packages' install_packages "${packages[@]}"
check npm ensure_npm
check 'npm ci' as_owner npm ci
[ $# -gt 0 ] || checks
# Coverage of a few tests is below the floor.
unit='test'
[ $# -gt 0 ] || unit=test:coverage
for name in "$unit" test:long test:build test:root test:podman test:podman5; do tests "$name" "$@"; done
[ $# -gt 0 ] || tests test:kernels
[ $# -gt 0 ] || tests test:plain
[ $# -gt 0 ] || check conformance timeout --kill-after=30s "$LIMIT" npm run conformance -- --plugin dist/flatnet \
  --config conformance/networks/flatnet.conflist --ipam-path /usr/lib/cni --strict

passed=$(sum numPassedTests)
failed=$(($(sum numFailedTests) + failed_steps))
skipped=$(sum numPendingTests)
printf '\n== Summary\n'
node_modules/.bin/node scripts/list-failures.ts "$reports"
printf '%s\n' "${summary[@]}"
[ "$skipped" -eq 0 ] || skipped_text=", $skipped skipped"
printf '%s passed, %s failed%s\n' "$passed" "$failed" "${skipped_text:-}"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
