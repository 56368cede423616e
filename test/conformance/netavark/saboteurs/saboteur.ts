/** A driver that is right but in one way: flatnet, with something between it and the caller. */
export interface Saboteur {
  /** The cases that find it out. */
  readonly caught: readonly string[];
  /**
   * Script for `sh`, run before the driver. `on WORD...` leaves every other command to the driver, `pass` goes on with it,
   * `answer` runs it and keeps `$result` and `$code`, `say` ends with those, `edit` changes the answer by sed, `ask` the
   * request; `inside` runs a command in the sandbox, `refuse` fails.
   */
  readonly script: string;
}

export type Saboteurs = Readonly<Record<string, Saboteur>>;

/** The script of a saboteur that stands before a driver. */
export function scriptOf({ script }: Saboteur, driver: string): string {
  return `#!/bin/sh
word=$1 netns=$2
real() { '${driver}' $word $netns; }
pass() { exec '${driver}' $word $netns; }
on() { case " $* " in *" $word "*) ;; *) pass ;; esac; }
answer() { result=$(real); code=$?; }
say() { printf '%s\\n' "$result"; exit $code; }
edit() { answer; result=$(printf '%s' "$result" | sed "$@"); say; }
ask() { sed "$@" | real; exit $?; }
inside() { nsenter --net="$netns" "$@"; }
refuse() { printf '{"error":"%s"}\\n' "$1"; exit 1; }
${script}
`;
}
