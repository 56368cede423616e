/**
 * The process that holds a host's namespaces open, as a script for `sh`, because it has to outlive this process. It
 * waits for its standard input to close, which happens even if this process is killed; then it ends every process in
 * its mount namespace, which only the host's commands can be in, and their descendants: a runtime's containers have
 * separate namespaces. Files of /proc that vanish meanwhile belong to processes that ended, as intended.
 */
export const HOLDER = `
exec 2>/dev/null
echo holding
cat >/dev/null

# Adds a process to the doomed, once.
doom() {
  case "$doomed" in *" $1 "*) ;; *) doomed="$doomed$1 " ;; esac
}

find_doomed() {
  doomed=' '
  for entry in /proc/[0-9]*; do
    pid=\${entry#/proc/}
    [ "$pid" = $$ ] || [ ! "$entry/ns/mnt" -ef /proc/$$/ns/mnt ] || doom "$pid"
  done
  [ "$doomed" != ' ' ] || return
  before=
  while [ "$doomed" != "$before" ]; do
    before=$doomed
    for entry in /proc/[0-9]*; do
      read -r stat <"$entry/stat" || continue
      # The name of the command, in parentheses, may hold anything; state and parent follow it.
      set -- \${stat##*) }
      case "$doomed" in *" $2 "*) doom "\${entry#/proc/}" ;; esac
    done
  done
}

# A process may start another between the look and the kill.
for round in 1 2 3 4 5 6 7 8 9 10; do
  find_doomed
  [ "$doomed" != ' ' ] || exit 0
  for pid in $doomed; do kill -KILL "$pid"; done
done
`;
