#!/bin/sh
# Stands where nft is, and refuses what the kernel of a profile lacks: with the kernel's words, and as a whole. All else
# goes to the true nft. Beside it: `denied` (lines of "words<TAB>pattern of a statement"), `statements.awk`, `true-nft`.
here=/run/flatnet-profile
input=$(mktemp $here/input.XXXXXX)

# What is written, in the order in which nft reads it: the file of -f, or the words.
file=
words=
take=
for word in "$@"; do
  case $take in
  file) file=$word take= ;;
  skip) take= ;;
  *)
    case $word in
    --file | -f | -[acejnNopsStTuy]*f) take='file' ;;
    --file=*) file=${word#--file=} ;;
    -f?*) file=${word#-f} ;;
    -I | -D | --includepath | --define) take=skip ;;
    -*) ;;
    *) words="$words $word" ;;
    esac
    ;;
  esac
done
case $file in
'') printf '%s\n' "$words" >"$input" ;;
- | /dev/stdin) cat >"$input" ;;
*) cat -- "$file" >"$input" 2>/dev/null ;;
esac

words=$(awk -f $here/statements.awk "$input" | awk -F '\t' '
  NR == FNR { words[++denied] = $1; pattern[denied] = $2; next }
  { for (at = 1; at <= denied; at++) if ($0 ~ pattern[at]) { print words[at]; exit } }
' $here/denied -)
case $file in - | /dev/stdin) exec <"$input" ;; esac
rm -f "$input"
if [ -n "$words" ]; then
  echo "Error: Could not process rule: $words" >&2
  exit 1
fi
exec $here/true-nft "$@"
