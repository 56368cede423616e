#!/bin/sh
# Stands where ip or tc is, and refuses what the kernel of a profile lacks. As theirs, a batch keeps what came before the
# line that fails. Beside it: `denied-ip`, `denied-tc` (lines of "words<TAB>pattern of a line"), `true-ip`, `true-tc`.
here=/run/flatnet-profile
tool=${0##*/}

# refusal TEXT: what the kernel says to the line, if it refuses it.
refusal() {
  printf '%s\n' "$1" | awk -F '\t' '
    NR == FNR { words[++denied] = $1; pattern[denied] = $2; next }
    { for (at = 1; at <= denied; at++) if ($0 ~ pattern[at]) { print words[at]; exit } }
  ' "$here/denied-$tool" -
}

batch=
words=
take=
for word in "$@"; do
  case $take in
  batch) batch=$word take= ;;
  skip) take= ;;
  *)
    case $word in
    -b | -batch | --batch) take='batch' ;;
    -n | -netns | -f | -family) take=skip ;;
    -*) ;;
    *) words="$words $word" ;;
    esac
    ;;
  esac
done

if [ -z "$batch" ]; then
  said=$(refusal "$words")
  [ -n "$said" ] || exec "$here/true-$tool" "$@"
  echo "$said" >&2
  exit 2
fi

input=$(mktemp $here/input.XXXXXX)
if [ "$batch" = - ]; then cat; else cat -- "$batch"; fi >"$input"
number=0
while IFS= read -r line; do
  number=$((number + 1))
  said=$(refusal " $line")
  [ -z "$said" ] || break
done <"$input"
if [ -z "$said" ]; then
  exec <"$input"
  rm -f "$input"
  [ "$batch" = - ] || exec "$here/true-$tool" "$@" </dev/null
  exec "$here/true-$tool" "$@"
fi
head -n $((number - 1)) "$input" | "$here/true-$tool" -batch - || { code=$?; rm -f "$input"; exit "$code"; }
rm -f "$input"
printf '%s\nCommand failed -:%s\n' "$said" "$number" >&2
exit 1
