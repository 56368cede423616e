# shellcheck shell=bash
# The way flatnet takes to this machine's Podman, and a Podman that can start containers. To be sourced after steps.sh,
# whose directory $work it uses.
# shellcheck disable=SC2154

readonly IMAGE=localhost/flatnet-quickstart
# Podman's private configuration and storage, where the machine's own does not serve; gone at the next boot.
readonly PRIVATE=/run/flatnet-quickstart
# The first release of netavark that runs drivers.
readonly OLDEST_NETAVARK=1.6

# is_older VERSION THAN: whether a version comes before another.
is_older() {
  [ "$1" != "$2" ] && [ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

# netavark_version: of the netavark that Podman 5 finds. Podman is given an empty storage: its own may not serve.
netavark_version() {
  local storage=$work/look said
  mkdir -p "$storage"
  printf '%s\n' '[storage]' 'driver = "vfs"' "graphroot = \"$storage/storage\"" "runroot = \"$storage/run\"" \
    >"$storage/storage.conf"
  said=$(CONTAINERS_STORAGE_CONF=$storage/storage.conf podman info --format '{{.Host.NetworkBackendInfo.Version}}') &&
    printf '%s' "${said#netavark }"
}

# check_podman: whether there is a way at all. Podman 4 has CNI; which of its two backends it uses, "flatnet install" finds.
check_podman() {
  local version netavark
  version=$(podman --version)
  version=${version##* }
  if is_older "$version" 4; then
    echo "Podman $version tells no network backend; flatnet needs Podman 4 or newer"
    return 1
  fi
  if is_older "$version" 5; then
    note "Podman $version"
    return
  fi
  netavark=$(netavark_version) || {
    echo "Podman $version cannot say which netavark it has, see above"
    return 1
  }
  if is_older "$netavark" "$OLDEST_NETAVARK"; then
    echo "Podman $version has netavark $netavark, which knows no drivers; it needs $OLDEST_NETAVARK or newer"
    return 1
  fi
  note "Podman $version with netavark $netavark"
}

# keep_way SAID: writes down, as Podman names its backends, what "flatnet install" said that it chose.
keep_way() {
  case $1 in
    *'Installed as a driver of netavark'*) echo netavark >"$work/way" ;;
    *) echo cni >"$work/way" ;;
  esac
}

# make_image: a root file system of one static binary; there is nothing to pull.
make_image() {
  local applet
  mkdir -p "$work"/root/{bin,etc,tmp,www}
  cp /bin/busybox "$work/root/bin/"
  for applet in $(/bin/busybox --list); do
    [ "$applet" = busybox ] || ln -s busybox "$work/root/bin/$applet"
  done
  tar -C "$work/root" -cf "$work/image.tar" .
}

# runs_containers: whether Podman, as it is set up now, has the networks of that way and can start a container at all.
runs_containers() {
  [ "$(podman info --format '{{.Host.NetworkBackend}}')" = "$(cat "$work/way")" ] &&
    podman import --quiet --change 'ENV PATH=/bin' "$work/image.tar" "$IMAGE" &&
    podman run --rm --network none "$IMAGE" true
}

# find_private: whatever comes after it has the private configuration too, where there is one.
find_private() {
  [ -e "$work/private" ] || return 0
  export CONTAINERS_CONF=$PRIVATE/containers.conf CONTAINERS_STORAGE_CONF=$PRIVATE/storage.conf
}

# use_private LINE...: from here on, Podman reads this configuration and has a storage of its own.
use_private() {
  mkdir -p "$PRIVATE"
  printf '%s\n' "$@" >"$PRIVATE/containers.conf"
  printf '%s\n' '[storage]' 'driver = "vfs"' "graphroot = \"$PRIVATE/storage\"" "runroot = \"$PRIVATE/run\"" \
    >"$PRIVATE/storage.conf"
  : >"$work/private"
  find_private
}

# prepare_podman: the machine's own set-up where it serves, else a private one that differs in no more than it must.
prepare_podman() {
  local backend=('[network]' "network_backend = \"$(cat "$work/way")\"")
  local limits=('[containers]' 'default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]')
  local runtime=('[engine]' 'runtime = "runc"' 'cgroup_manager = "cgroupfs"')
  make_image
  runs_containers && return
  use_private "${backend[@]}"
  runs_containers && return
  use_private "${backend[@]}" "${limits[@]}"
  runs_containers && return
  use_private "${backend[@]}" "${limits[@]}" "${runtime[@]}"
  runs_containers
}

set_up_podman() {
  prepare_podman
  [ ! -e "$work/private" ] || note "with a private configuration, because the machine's own does not serve: $CONTAINERS_CONF"
}
