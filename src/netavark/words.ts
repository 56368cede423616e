/** The commands that Podman and netavark run a driver with, as its first argument. None is a command of the command line. */
export const WORDS = ['create', 'setup', 'teardown', 'info'] as const;

/** One of them. */
export type Word = (typeof WORDS)[number];

/** The command that a first argument names, if it is one of netavark's. */
export function wordOf(argument: string | undefined): Word | undefined {
  return WORDS.find((word) => word === argument);
}
