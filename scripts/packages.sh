# shellcheck shell=bash
# Installs Debian packages so that nothing of them starts, now or at the next boot. To be sourced after steps.sh,
# whose directory $work it uses.
# shellcheck disable=SC2154

readonly POLICY=/usr/sbin/policy-rc.d

# missing_packages PACKAGE...: those that are not installed, one a line.
missing_packages() {
  local package installed
  # It fails where it knows one of them not at all, which must not end a script that is run with -e.
  installed=" $(dpkg-query -W -f='${db:Status-Status} ${Package} ' "$@" 2>/dev/null || true)"
  for package in "$@"; do
    [[ $installed == *" installed $package "* ]] || printf '%s\n' "$package"
  done
}

# announce_packages PACKAGE...: says what install_packages would install.
announce_packages() {
  local missing
  missing=$(missing_packages "$@" | sort -u | tr '\n' ' ')
  [ -z "$missing" ] || printf 'Packages to be installed, with what they depend on:\n  %s\n' "$missing" | fmt -w 100
}

# boot_links: what starts at boot, one link a line; a masked unit does not.
boot_links() {
  find /etc/systemd/system /etc/rc?.d -type l ! -lname /dev/null \( -path '/etc/systemd/*' -o -name 'S*' \) \
    2>/dev/null | sort
}

# disable_new BEFORE: what boot_links did not list then does not start at boot.
disable_new() {
  local link
  while read -r link; do
    case $link in
      /etc/systemd/*) rm -- "$link" ;;
      *) mv -- "$link" "${link%/*}/K01${link##*/S??}" ;;
    esac
    printf 'Left disabled: %s\n' "${link##*/}"
  done < <(comm -13 "$1" <(boot_links))
}

# unpack PACKAGE...: to be interrupted by nobody, see end_running; a policy of the user's own stays.
unpack() {
  local code=0 policy=
  : >"$work/unpacking"
  boot_links >"$work/boot-links"
  if [ ! -e "$POLICY" ]; then
    policy=$POLICY
    printf '#!/bin/sh\nexit 101\n' >"$POLICY"
    chmod 755 "$POLICY"
  fi
  apt-get -qq -y --no-download --no-install-recommends install "$@" || code=$?
  [ -z "$policy" ] || rm -f "$policy"
  disable_new "$work/boot-links"
  rm -f "$work/unpacking"
  return "$code"
}

# install_packages PACKAGE...: installs what is missing, and asks the archive nothing when nothing is.
install_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || {
    printf 'Cannot install %s: there is no apt-get; install them by hand\n' "${missing[*]}" >&2
    return 1
  }
  export DEBIAN_FRONTEND=noninteractive
  apt-get -o Acquire::Retries=3 -qq update &&
    apt-get -o Acquire::Retries=3 -qq -y --no-install-recommends --download-only install "${missing[@]}" &&
    unpack "${missing[@]}"
}
