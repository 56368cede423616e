import type { ArgumentSpec, Completion, OptionSpec, Spec } from '../command.ts';
import { flag } from '../option.ts';

export interface CommandNode {
  /** As typed: `network rm`. */
  readonly path: string;
  readonly spec: Spec;
  readonly args: readonly ArgumentFacts[];
  /** Includes `--help`. */
  readonly options: readonly OptionFacts[];
  readonly children: readonly Spec[];
  readonly examples: readonly string[];
}

export interface ArgumentFacts {
  /** `<name>`, or `[name]` if optional. */
  readonly shown: string;
  readonly description: string;
  readonly choices: readonly string[];
  readonly completion: Completion | undefined;
}

export interface OptionFacts {
  readonly short: string | undefined;
  readonly long: string;
  /** `<count>`; `undefined` for a switch. */
  readonly value: string | undefined;
  readonly description: string;
  readonly completion: Completion | undefined;
}

const HELP = flag('show this help', 'h');

export function argumentFacts(name: string, spec: ArgumentSpec): ArgumentFacts {
  const { description, isOptional, choices = [], completion } = spec;
  return { shown: isOptional === true ? `[${name}]` : `<${name}>`, description, choices, completion };
}

/** `dryRun` becomes `--dry-run`. */
export function optionFacts(
  name: string,
  { short, value, description, completion }: OptionSpec,
): OptionFacts {
  return {
    short: short === undefined ? undefined : `-${short}`,
    long: `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    value: value === undefined ? undefined : `<${value}>`,
    description,
    completion,
  };
}

function nodesOf(spec: Spec, parents: readonly string[]): readonly CommandNode[] {
  const words = [...parents, spec.name];
  const isGroup = 'commands' in spec;
  const children = isGroup ? spec.commands : [];
  const { args, options, examples } = isGroup ? { args: {}, options: {}, examples: [] } : spec;
  const node: CommandNode = {
    path: words.join(' '),
    spec,
    args: Object.entries(args).map(([name, one]) => argumentFacts(name, one)),
    options: Object.entries({ ...options, help: HELP }).map(([name, one]) => optionFacts(name, one)),
    children,
    examples,
  };
  return [node, ...children.flatMap((child) => nodesOf(child, words))];
}

/** Every command, parents before children. */
export function commandNodes(commands: readonly Spec[]): readonly CommandNode[] {
  return commands.flatMap((spec) => nodesOf(spec, []));
}
