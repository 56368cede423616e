import type { ArgumentSpec, CommandSpec, OptionSpec } from '../spec.ts';

/** One command as a shell or a manual needs it: its words, what can follow. */
export interface CommandNode {
  /** `network rm`; empty for the program itself. */
  readonly path: string;
  readonly spec: CommandSpec;
  /** The command's own options and `--help`. */
  readonly options: readonly OptionFacts[];
  readonly children: readonly CommandSpec[];
  readonly args: readonly ArgumentSpec[];
}

/** An option, its flags taken apart. */
export interface OptionFacts {
  readonly short: string | undefined;
  readonly long: string;
  /** `<count>`; `undefined` for a switch. */
  readonly value: string | undefined;
  readonly description: string;
}

const HELP: OptionSpec = { flags: '-h, --help', description: 'show this help' };

/** Takes `-n, --lines <count>` apart. */
export function optionFacts({ flags, description }: OptionSpec): OptionFacts {
  const long = /--[a-z-]+/.exec(flags)?.[0] ?? flags;
  return {
    short: /(?:^|[ ,])(-[a-zA-Z])\b/.exec(flags)?.[1],
    long,
    value: /<[^>]+>/.exec(flags)?.[0],
    description,
  };
}

function nodesOf(spec: CommandSpec, parents: readonly string[]): readonly CommandNode[] {
  const words = [...parents, spec.name];
  const children = spec.commands ?? [];
  const node: CommandNode = {
    path: words.join(' '),
    spec,
    options: [...(spec.options ?? []), HELP].map(optionFacts),
    children,
    args: spec.args ?? [],
  };
  return [node, ...children.flatMap((child) => nodesOf(child, words))];
}

/** Every command, parents before their children. */
export function commandNodes(commands: readonly CommandSpec[]): readonly CommandNode[] {
  return commands.flatMap((spec) => nodesOf(spec, []));
}

/** What an argument or option is completed with. */
export function completesTo(value: string | undefined): 'containers' | 'networks' | 'files' | 'nothing' {
  if (value === undefined) return 'nothing';
  if (/container/.test(value)) return 'containers';
  if (/network|^[<[]name[>\]]$/.test(value)) return 'networks';
  return /file|dir/.test(value) ? 'files' : 'nothing';
}
