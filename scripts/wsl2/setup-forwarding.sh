#!/usr/bin/env bash
# Lets Windows, the LAN and the containers reach each other: sudo scripts/wsl2/setup-forwarding.sh [--persist]
# Run it again after every restart of WSL2, or once with --persist where systemd or netfilter-persistent is.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=scripts/steps.sh
. scripts/steps.sh

usage='Usage: sudo scripts/wsl2/setup-forwarding.sh [--persist]'
options=()
for word in "$@"; do
  case $word in
  --persist) options+=(--persist) ;;
  -h | --help)
    echo "$usage"
    exit 0
    ;;
  *)
    printf 'Unknown option "%s"\n%s\n' "$word" "$usage" >&2
    exit 2
    ;;
  esac
done

need_root
flatnet=$(find_flatnet) || exit 1
"$flatnet" forwarding enable "${options[@]}"
code=$?
[ "$code" -lt 2 ] || exit "$code"
"$flatnet" forwarding status
status=$?
# Without --persist, nothing being set at boot is as it was asked for.
[ ${#options[@]} -gt 0 ] || [ "$status" -ne 1 ] || status=0
[ "$status" -gt "$code" ] && exit "$status"
exit "$code"
