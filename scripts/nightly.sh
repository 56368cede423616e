#!/usr/bin/env bash
# What takes too long to run with every change: sudo npm run nightly [STEP...]
# A failed step does not stop the later ones. The last line is "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=scripts/steps.sh
. scripts/steps.sh

# Scripts of package.json.
readonly STEPS=(
  test:kernels:all
  test:podman5:sid
  test:plain:all
  faults
  fuzz
  histories
  soak
  saboteurs
)
# A step that hangs is ended after this time.
readonly LIMIT=3h

case ${1:-} in
-h | --help)
  printf 'Usage: sudo npm run nightly [STEP...]\nSteps: %s\n' "${STEPS[*]}"
  exit 0
  ;;
esac

need_root
chosen=("$@")
[ ${#chosen[@]} -gt 0 ] || chosen=("${STEPS[@]}")
passed=0
failed=0
summary=()
for step in "${chosen[@]}"; do
  printf '\n== %s\n' "$step"
  start=$SECONDS
  if timeout --kill-after=30s "$LIMIT" npm run "$step" </dev/null; then
    passed=$((passed + 1)) outcome=ok
  else
    failed=$((failed + 1)) outcome=failed
  fi
  summary+=("$(printf '%5d s  %-20s %s' $((SECONDS - start)) "$step" "$outcome")")
done

printf '\n== Summary\n'
printf '%s\n' "${summary[@]}"
printf '%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
