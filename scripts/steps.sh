# shellcheck shell=bash
# What quickstart.sh and test.sh share. To be sourced.

# The oldest Node whose npm installs the project; what is built and tested runs on the Node in node_modules.
readonly OLDEST_NODE=18

# fail MESSAGE: ends the script; the message says what to do.
fail() {
  printf '%s\n' "$1" >&2
  exit 1
}

# need_root: namespaces, Podman and apt-get want it.
need_root() {
  [ "$(id -u)" -eq 0 ] || fail "Cannot run as $(id -un): run \"sudo $0\""
}

# The script's temporary directory, which it makes and removes.
work=
# What runs now: the id of a process group, so that all of it can be ended.
running=
# shellcheck disable=SC2034 # for EXIT traps
interrupted=no

# run_in_group COMMAND...: a command or function, without standard input; its variables are lost.
run_in_group() {
  local code=0
  set -m
  "$@" </dev/null &
  running=$!
  set +m
  wait "$running" || code=$?
  running=
  return "$code"
}

# end_running: ends the group, by force after ten seconds. Packages that are being unpacked are unpacked first: a dpkg
# that is stopped half-way leaves the machine broken.
end_running() {
  local _
  [ -n "$running" ] || return 0
  [ ! -e "$work/unpacking" ] || printf 'Packages are being unpacked; this script ends after that\n' >&2
  while [ -e "$work/unpacking" ] && kill -0 "$running" 2>/dev/null; do sleep 0.2; done
  kill -TERM -- "-$running" 2>/dev/null || return 0
  for _ in {1..100}; do
    kill -0 -- "-$running" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -KILL -- "-$running" 2>/dev/null || return 0
}

# interrupt CODE: ends what runs, and the script; what it has to tidy up, its EXIT trap does.
interrupt() {
  trap '' HUP INT TERM
  # shellcheck disable=SC2034
  interrupted=yes
  end_running
  exit "$1"
}

# end_on_signals: from here on, ^C and SIGTERM end all that the script started.
end_on_signals() {
  trap 'interrupt 129' HUP
  trap 'interrupt 130' INT
  trap 'interrupt 143' TERM
}

node_major() {
  local version
  version=$(node --version 2>/dev/null) || version=v0
  version=${version#v}
  printf '%s' "${version%%.*}"
}

# lacks_npm: whether there is no npm, or no Node that can run it.
lacks_npm() {
  [ "$(node_major)" -lt "$OLDEST_NODE" ] || ! command -v npm >/dev/null
}

# ensure_npm: npm, and a Node that can run it.
ensure_npm() {
  if lacks_npm; then
    install_packages nodejs npm || return 1
  fi
  if lacks_npm; then
    printf 'Cannot use Node %s: npm and Node %s or newer are needed; see https://nodejs.org/en/download\n' \
      "$(node --version 2>/dev/null || echo '(none)')" "$OLDEST_NODE" >&2
    return 1
  fi
}

# as_owner COMMAND...: as the owner of the project's directory, who is to be able to build in it later without sudo.
as_owner() {
  local owner home
  owner=$(stat -c %U .)
  home=$(getent passwd "$owner" | cut -d: -f6)
  if [ "$owner" = "$(id -un)" ] || [ -z "$home" ]; then
    "$@"
  else
    runuser -u "$owner" -- env HOME="$home" "$@"
  fi
}

# find_flatnet: the executable to test or use: $FLATNET, the installed one, or the one that was built.
find_flatnet() {
  local candidate
  for candidate in "${FLATNET:-}" /opt/cni/bin/flatnet "$PWD/dist/flatnet"; do
    if [ -n "$candidate" ] && [ -x "$candidate" ]; then
      printf '%s' "$candidate"
      return 0
    fi
  done
  echo 'Cannot find flatnet in /opt/cni/bin or dist: run "npm run build && sudo dist/flatnet install"' >&2
  return 1
}
