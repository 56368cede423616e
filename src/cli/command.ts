import type { Io } from './io.ts';

/** What a shell completes an argument or the value of an option with. */
export type Completion = 'containers' | 'networks' | 'files';

/** A word after the command's name. `read` turns the text into the value that the command gets. */
export interface ArgumentSpec<T = unknown> {
  readonly description: string;
  readonly isOptional?: boolean;
  readonly choices?: readonly string[];
  readonly completion?: Completion | undefined;
  readonly read: (text: string, name: string) => T;
}

/** An option; its key in the command's `options` is its name: `dryRun` is `--dry-run`. */
export interface OptionSpec<T = unknown> {
  /** One letter: `n` for `-n`. */
  readonly short?: string | undefined;
  /** Stands for the value in help: `count` for `<count>`. Absent for a switch. */
  readonly value?: string;
  readonly description: string;
  readonly fallback?: string;
  readonly completion?: Completion | undefined;
  readonly read: (typed: unknown) => T;
}

/** By name, in the order in which they are typed. */
export type Arguments = Readonly<Record<string, ArgumentSpec>>;
export type Options = Readonly<Record<string, OptionSpec>>;

/** The values of arguments or options, by name; `unknown`, which adds nothing, where none are declared. */
export type Values<S extends Arguments | Options> = string extends keyof S
  ? unknown
  : { readonly [Name in keyof S]: S[Name] extends ArgumentSpec<infer T> | OptionSpec<infer T> ? T : never };

/** What the parser took from the command line. */
export interface Typed {
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
}

interface Described {
  readonly name: string;
  /** One line, no full stop. */
  readonly summary: string;
  /** Paragraphs for `--help` and the manual page. */
  readonly description?: string;
}

interface Definition<A extends Arguments, O extends Options> extends Described {
  readonly args?: A;
  readonly options?: O;
  /** Whole command lines. */
  readonly examples?: readonly string[];
  /** Set where only root can do it: completes "Cannot run flatnet NAME: it needs root, because it ...". */
  readonly rootBecause?: string;
  /**
   * Does the work and returns the exit code. The file of a command is loaded for help and completion, too, so what the
   * work needs is imported in here.
   */
  readonly run: (given: Values<A> & Values<O>, io: Io) => Promise<number>;
}

/** A command that does something. */
export interface CommandSpec extends Described {
  readonly args: Arguments;
  readonly options: Options;
  readonly examples: readonly string[];
  readonly rootBecause: string | undefined;
  readonly run: (typed: Typed, io: Io) => Promise<number>;
}

/** A command that has commands of its own: `network`. */
export interface GroupSpec extends Described {
  readonly commands: readonly CommandSpec[];
}

/** A line of the table from which parser, help, completion and the manual page are made. */
export type Spec = CommandSpec | GroupSpec;

/** Defines a command; `run` gets what its arguments and options are declared to give. */
export function defineCommand<A extends Arguments, O extends Options>(
  definition: Definition<A, O>,
): CommandSpec;
export function defineCommand({
  args = {},
  options = {},
  examples = [],
  rootBecause,
  run,
  ...described
}: Definition<Arguments, Options>): CommandSpec {
  return {
    ...described,
    args,
    options,
    examples,
    rootBecause,
    run: (typed, io) => run({ ...readArguments(args, typed), ...readOptions(options, typed) }, io),
  };
}

type Read = Readonly<Record<string, unknown>>;

function readArguments(args: Arguments, typed: Typed): Read {
  return Object.fromEntries(
    Object.entries(args).map(([name, { read }], index): [string, unknown] => {
      const text = typed.args[index];
      return [name, text === undefined ? undefined : read(text, name)];
    }),
  );
}

function readOptions(options: Options, typed: Typed): Read {
  return Object.fromEntries(
    Object.entries(options).map(([name, { read }]): [string, unknown] => [name, read(typed.options[name])]),
  );
}
