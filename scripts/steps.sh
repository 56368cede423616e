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

is_installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# install_packages PACKAGE...: installs what is missing, and asks the archive nothing when nothing is.
install_packages() {
  local missing=() package
  for package in "$@"; do
    is_installed "$package" || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || {
    printf 'Cannot install %s: there is no apt-get; install them by hand\n' "${missing[*]}" >&2
    return 1
  }
  export DEBIAN_FRONTEND=noninteractive
  apt-get -o Acquire::Retries=3 -qq update &&
    apt-get -o Acquire::Retries=3 -qq -y --no-install-recommends install "${missing[@]}"
}

node_major() {
  local version
  version=$(node --version 2>/dev/null) || version=v0
  version=${version#v}
  printf '%s' "${version%%.*}"
}

# ensure_npm: npm, and a Node that can run it.
ensure_npm() {
  if [ "$(node_major)" -lt "$OLDEST_NODE" ] || ! command -v npm >/dev/null; then
    install_packages nodejs npm || return 1
  fi
  if [ "$(node_major)" -lt "$OLDEST_NODE" ] || ! command -v npm >/dev/null; then
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
