import type { ArgumentSpec, Completion, OptionSpec } from './command.ts';
import { CliError } from './failure.ts';

interface Valued {
  readonly short?: string;
  readonly value: string;
  readonly description: string;
  readonly completion?: Completion;
}

export function argument(description: string, completion?: Completion): ArgumentSpec<string> {
  return { description, completion, read: (typed) => typed };
}

export function optionalArgument(
  description: string,
  completion?: Completion,
): ArgumentSpec<string | undefined> {
  return { description, completion, isOptional: true, read: (typed) => typed };
}

export function choice<const T extends string>(description: string, choices: readonly T[]): ArgumentSpec<T> {
  return { description, choices, read: (typed, name) => oneOf(choices, typed, name) };
}

/** @throws CliError that names the argument or option, if the word is not one of the choices. */
export function oneOf<const T extends string>(choices: readonly T[], typed: string, name: string): T {
  const chosen = choices.find((one) => one === typed);
  if (chosen !== undefined) return chosen;
  throw new CliError(`Cannot use ${name} "${typed}"`, `Expected ${choices.join(', ')}`);
}

export function flag(description: string, short?: string): OptionSpec<boolean> {
  return { description, short, read: (typed) => typed === true };
}

export function text(option: Valued): OptionSpec<string | undefined> {
  return parsed(option, (typed) => typed);
}

export function parsed<T>(option: Valued, parse: (typed: string) => T): OptionSpec<T | undefined> {
  return { ...option, read: (typed) => (typeof typed === 'string' ? parse(typed) : undefined) };
}

export function parsedOr<T>(
  option: Valued & { readonly fallback: string },
  parse: (typed: string) => T,
): OptionSpec<T> {
  return { ...option, read: (typed) => parse(typeof typed === 'string' ? typed : option.fallback) };
}
