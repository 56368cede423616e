import { Command, CommanderError, Option } from 'commander';
import { BY_HAND } from './by-hand.ts';
import { COMMANDS } from './commands.ts';
import type { CommandSpec, OptionSpec, Spec, Typed } from './command.ts';
import { EXIT, type Io } from './io.ts';
import { argumentFacts, optionFacts } from './shell/model.ts';
import { VERSION } from './version.ts';

export type Parsed =
  | { readonly kind: 'command'; readonly spec: CommandSpec; readonly path: string; readonly typed: Typed }
  | { readonly kind: 'shown'; readonly exitCode: number }
  | { readonly kind: 'refused'; readonly message: string; readonly hint: string; readonly code: string };

const UNKNOWN_COMMAND = { code: 'commander.unknownCommand' };

const ABOUT =
  'A CNI plugin and netavark driver that gives every container a flat, reachable address, and the tools to run it.';
const NOTE = `
Podman 5 runs flatnet as a driver of netavark: "podman network create -d flatnet NAME". Podman 4 and containerd run it with
CNI_COMMAND set; it is then a CNI plugin. To call it by hand, as root, after
"ip netns add box" (DEL in place of ADD undoes it):
  ${BY_HAND.join('\n  ')}
--trace prints the duration of each step on stderr.

Exit codes: 0 success, 1 warnings, 2 failure. "flatnet COMMAND --help" describes a command.
`;

/** Parses the words after the program's name. Prints only help and version. */
export function parse(argv: readonly string[], io: Io): Parsed {
  let parsed: Parsed = { kind: 'shown', exitCode: EXIT.ok };
  const program = newProgram(io);
  addAll(program, COMMANDS, (command) => {
    parsed = command;
  });
  try {
    if (argv.length === 0) program.outputHelp();
    else program.parse([...argv], { from: 'user' });
    return parsed;
  } catch (error) {
    if (error instanceof CommanderError) return whyItEnded(error);
    throw error;
  }
}

function newProgram(io: Io): Command {
  return (
    new Command('flatnet')
      .description(ABOUT)
      .version(`flatnet ${VERSION}`, '-V, --version', 'print the version')
      .addHelpText('after', NOTE)
      .helpOption('-h, --help', 'show this help')
      .configureHelp({ helpWidth: Math.min(io.columns, 110) })
      // Errors are thrown instead, and worded by whyItEnded().
      .configureOutput({ writeOut: io.out, writeErr: io.err, outputError: () => undefined })
  );
}

function whyItEnded({ code, exitCode, message }: CommanderError): Parsed {
  if (exitCode === 0) return { kind: 'shown', exitCode: EXIT.ok };
  if (code === 'commander.help') return { kind: 'shown', exitCode: EXIT.failure };
  const [complaint = '', hint = ''] = message
    .replace(/^error: (.)/, (_match, first: string) => first.toUpperCase())
    .replaceAll(/'([^'\n]*)'/g, '"$1"')
    .split('\n');
  return { kind: 'refused', code, message: complaint, hint: hint.replace(/^\((.*)\)$/, '$1') };
}

type Select = (parsed: Parsed) => void;

function addAll(parent: Command, specs: readonly Spec[], select: Select): void {
  // Before parent.command(), which copies the override to subcommands.
  nameCommands(parent, specs);
  for (const spec of specs) {
    const command = parent.command(spec.name).summary(spec.summary).description(describe(spec));
    if ('commands' in spec) addAll(command, spec.commands, select);
    else addDetails(command, spec, select);
  }
  addHelp(parent);
}

function addDetails(command: Command, spec: CommandSpec, select: Select): void {
  for (const [name, argument] of Object.entries(spec.args)) {
    const { shown, description } = argumentFacts(name, argument);
    command.argument(shown, description);
  }
  const options = Object.entries(spec.options).map(([name, option]) => ({
    name,
    option: optionFor(name, option),
  }));
  for (const { option } of options) command.addOption(option);
  if (spec.examples.length > 0) command.addHelpText('after', `\nExamples:\n  ${spec.examples.join('\n  ')}`);
  command.action(() => {
    const given: Readonly<Record<string, unknown>> = command.opts();
    const values = options.map(({ name, option }): [string, unknown] => {
      const value = given[option.attributeName()];
      return [name, option.negate ? value === false : value];
    });
    const typed = { args: command.args, options: Object.fromEntries(values) };
    select({ kind: 'command', spec, path: pathOf(command), typed });
  });
}

function optionFor(name: string, spec: OptionSpec): Option {
  const { short, long, value, description } = optionFacts(name, spec);
  const flags = [short, long].filter((one) => one !== undefined).join(', ');
  const option = new Option(value === undefined ? flags : `${flags} ${value}`, description);
  return spec.fallback === undefined ? option : option.default(spec.fallback);
}

/** `help network rm` and `network help rm`; commander's own `help` takes at most one name. */
function addHelp(parent: Command): void {
  const help = parent.command('help').summary('show the help of a command').argument('[command...]');
  help.action((names: readonly string[]) => {
    let command = parent;
    for (const name of names) {
      const next = command.commands.find((one) => one.name() === name);
      if (next === undefined) return command.error(`error: unknown command '${name}'`, UNKNOWN_COMMAND);
      command = next;
    }
    command.outputHelp();
  });
}

/** Lists all names if none resembles the one typed. */
function nameCommands(parent: Command, specs: readonly Spec[]): void {
  const names = specs.map(({ name }) => name).join(', ');
  parent.exitOverride((error) => {
    const isHelpless = error.code === UNKNOWN_COMMAND.code && !error.message.includes('\n');
    throw isHelpless
      ? new CommanderError(error.exitCode, error.code, `${error.message}\nKnown: ${names}`)
      : error;
  });
}

/** The names below the program's: `network rm`. */
function pathOf(command: Command): string {
  const { parent } = command;
  return parent === null ? '' : `${pathOf(parent)} ${command.name()}`.trimStart();
}

function describe({ summary, description }: Spec): string {
  const sentence = `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
  return description === undefined ? sentence : `${sentence}\n\n${description}`;
}
