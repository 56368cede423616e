/**
 * Mounts a private copy over the directory `$1` in a host's mount namespace, as a script for `sh`: its content stays
 * readable, writes go to a tmpfs that vanishes with the host. Mounts below the directory stay visible. For `/`, the
 * namespace and every process of the host get another root (pivot_root(2)).
 */
export const OVERLAY = `
set -e
stage=/run/overlay
mkdir $stage
mount -t tmpfs -o mode=755 tmpfs $stage
mkdir $stage/lower $stage/upper $stage/work $stage/merged
chmod --reference="$1" $stage/upper
chown --reference="$1" $stage/upper
mount --bind "$1" $stage/lower
mount -t overlay -o lowerdir=$stage/lower,upperdir=$stage/upper,workdir=$stage/work overlay $stage/merged

mounts=$(cat /proc/self/mountinfo)
# The fifth field is the mount point, with white space in octal.
while read -r _ _ _ _ point _; do
  point=$(printf '%b' "$(printf %s "$point" | sed 's/\\\\\\([0-7]\\)/\\\\0\\1/g')")
  case $point in
  $stage | $stage/*) ;;
  "\${1%/}"/?*) [ ! -e "$point" ] || mount --bind "$point" "$stage/merged\${point#"\${1%/}"}" ;;
  esac
done <<MOUNTS
$mounts
MOUNTS

if [ "$1" = / ]; then
  mkdir /run/overlay-root
  pivot_root $stage/merged $stage/merged/run/overlay-root
  umount -l /run/overlay-root
  rmdir /run/overlay-root
else
  mount --move $stage/merged "$1"
  umount -l $stage
fi
rmdir $stage
`;
