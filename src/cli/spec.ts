import type { Io } from './io.ts';

/** What was typed after the command's name, as the parser understood it. */
export interface Call {
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
}

/** Does the work of a command and returns the exit code. */
export type Handler = (call: Call, io: Io) => Promise<number>;

/** An option of a command: `flags` as commander reads them (`-n, --lines <count>`). */
export interface OptionSpec {
  readonly flags: string;
  readonly description: string;
  readonly fallback?: string;
}

/** An argument: `<name>` must be there, `[name]` may. */
export interface ArgumentSpec {
  readonly name: string;
  readonly description: string;
  /** What the shell completes it with. */
  readonly choices?: readonly string[];
}

/**
 * One command. Help, completion, the manual page and the parser are all made from this, so none can lag behind.
 * A command has a handler, or commands of its own.
 */
export interface CommandSpec {
  readonly name: string;
  /** One line, no full stop. */
  readonly summary: string;
  /** Paragraphs for `--help` and the manual page. */
  readonly description?: string;
  readonly args?: readonly ArgumentSpec[];
  readonly options?: readonly OptionSpec[];
  /** Whole command lines. */
  readonly examples?: readonly string[];
  /** Set where only root can do it: completes "Cannot run flatnet NAME: it ...". */
  readonly rootBecause?: string;
  readonly commands?: readonly CommandSpec[];
  /** Loads the module that does it; nothing else of the command line is loaded meanwhile. */
  readonly load?: () => Promise<Handler>;
}

/** Whether a switch was given. */
export function isSet(call: Call, name: string): boolean {
  return call.options[name] === true;
}

/** The text given to an option, or `undefined`. */
export function textOf(call: Call, name: string): string | undefined {
  const value = call.options[name];
  return typeof value === 'string' ? value : undefined;
}
