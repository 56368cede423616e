import type { Io } from './io.ts';

/** Source of a shell's completions for an argument or an option's value. */
export type Completion = 'containers' | 'networks' | 'files';

export interface ArgumentSpec<T = unknown> {
  readonly description: string;
  readonly isOptional?: boolean;
  readonly choices?: readonly string[];
  readonly completion?: Completion | undefined;
  readonly read: (text: string, name: string) => T;
}

/** An option, named by its key in `options`: `dryRun` is `--dry-run`. */
export interface OptionSpec<T = unknown> {
  /** One letter: `n` for `-n`. */
  readonly short?: string | undefined;
  /** Placeholder in help: `count` prints `<count>`. Absent for a switch. */
  readonly value?: string;
  readonly description: string;
  readonly fallback?: string;
  readonly completion?: Completion | undefined;
  readonly read: (typed: unknown) => T;
}

/** By name, in the order in which they are typed. */
export type Arguments = Readonly<Record<string, ArgumentSpec>>;
export type Options = Readonly<Record<string, OptionSpec>>;

/** Values by name; `unknown`, which adds nothing to an intersection, if none are declared. */
export type Values<S extends Arguments | Options> = string extends keyof S
  ? unknown
  : { readonly [Name in keyof S]: S[Name] extends ArgumentSpec<infer T> | OptionSpec<infer T> ? T : never };

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
  readonly examples?: readonly string[];
  /** Set if the command needs root; completes "Cannot run flatnet NAME: it needs root, because it ...". */
  readonly rootBecause?: string;
  /** Returns the exit code. Imports what the work needs in its body: help and completion load this file, too. */
  readonly run: (given: Values<A> & Values<O>, io: Io) => Promise<number>;
}

export interface CommandSpec extends Described {
  readonly args: Arguments;
  readonly options: Options;
  readonly examples: readonly string[];
  readonly rootBecause: string | undefined;
  readonly run: (typed: Typed, io: Io) => Promise<number>;
}

export interface GroupSpec extends Described {
  readonly commands: readonly CommandSpec[];
}

/** An entry of the table that parser, help, completion and manual page are made from. */
export type Spec = CommandSpec | GroupSpec;

/** Defines a command; `args` and `options` type the values that `run` gets. */
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
