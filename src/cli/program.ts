import { Argument, Command, CommanderError, Option, type OutputConfiguration } from 'commander';
import { isRoot } from '../sys/user.ts';
import { BY_HAND } from './by-hand.ts';
import { COMMANDS } from './commands.ts';
import { describeFailure } from './failure.ts';
import { EXIT, type Io } from './io.ts';
import { ownCommand, shellWord } from './self.ts';
import type { ArgumentSpec, CommandSpec, Handler } from './spec.ts';
import { VERSION } from './version.ts';

/** A program ready to parse, and the exit code of what it ran. */
export interface Program {
  readonly command: Command;
  readonly exitCode: () => number;
  /** What was run: `network rm`. */
  readonly path: () => string;
}

const ABOUT = 'A CNI plugin that gives every container a flat, reachable address, and the tools to run it.';
const NOTE = `
A container runtime runs flatnet with CNI_COMMAND set; it is then a CNI plugin. By hand, as root, with a namespace
made by "ip netns add box" and DEL in place of ADD to take it back:
  ${BY_HAND.join('\n  ')}
--trace tells on stderr how long each step took.

Exit codes: 0 fine, 1 something to look at, 2 failure. "flatnet COMMAND --help" tells more of a command.
`;

/** Builds the parser from the table of commands. */
export function buildProgram(io: Io, argv: readonly string[] = []): Program {
  let exitCode: number = EXIT.ok;
  let path = '';
  const command = configured(new Command('flatnet'), io)
    .description(ABOUT)
    .version(`flatnet ${VERSION}`, '-V, --version', 'print the version')
    .addHelpText('after', NOTE);
  const run = async (spec: CommandSpec, typed: Command): Promise<void> => {
    path = pathOf(typed);
    exitCode = isAllowed(spec) ? await runSpec(spec, typed, io) : refuse(spec, { typed, argv, io });
  };
  for (const spec of COMMANDS) addSpec({ parent: command, io, run }, spec);
  return { command, exitCode: () => exitCode, path: () => path };
}

/** Set before commands are added, since they inherit it. */
function configured(command: Command, io: Io): Command {
  return command
    .exitOverride()
    .showSuggestionAfterError(true)
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .configureHelp({ helpWidth: Math.min(io.columns, 110), sortSubcommands: false, showGlobalOptions: false })
    .configureOutput(outputFor(io, COMMANDS));
}

function outputFor(io: Io, children: readonly CommandSpec[]): OutputConfiguration {
  return {
    writeOut: io.out,
    writeErr: io.err,
    outputError: (text, write) => {
      const words = inOurWords(text);
      // Without a name that is near, all of them are few enough to be shown.
      const isHelpless = words.startsWith('Unknown command') && !words.includes('Did you mean');
      write(isHelpless ? `${words}Known: ${children.map(({ name }) => name).join(', ')}\n` : words);
    },
  };
}

/** `make a network` as a sentence of its own. */
function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}

/** commander's complaint in the manner of the rest: a sentence, values in double quotes. */
function inOurWords(text: string): string {
  return text
    .replace(/^error: (.)/, (_match, first: string) => first.toUpperCase())
    .replaceAll(/'([^'\n]*)'/g, '"$1"');
}

interface Context {
  readonly parent: Command;
  readonly io: Io;
  readonly run: (spec: CommandSpec, typed: Command) => Promise<void>;
}

function argumentOf(spec: ArgumentSpec): Argument {
  const argument = new Argument(spec.name, spec.description);
  return spec.choices === undefined ? argument : argument.choices([...spec.choices]);
}

function addSpec(context: Context, spec: CommandSpec): void {
  const command = context.parent
    .command(spec.name)
    .summary(spec.summary)
    .description([sentence(spec.summary), ...(spec.description ?? '').split('\n\n')].join('\n\n').trim());
  for (const argument of spec.args ?? []) command.addArgument(argumentOf(argument));
  for (const { flags, description, fallback } of spec.options ?? []) {
    const option = new Option(flags, description);
    command.addOption(fallback === undefined ? option : option.default(fallback));
  }
  const { examples, load } = spec;
  if (examples !== undefined) command.addHelpText('after', `\nExamples:\n  ${examples.join('\n  ')}`);
  if (spec.commands !== undefined) command.configureOutput(outputFor(context.io, spec.commands));
  for (const child of spec.commands ?? []) addSpec({ ...context, parent: command }, child);
  if (load === undefined) return;
  command.action(() => context.run(spec, command));
}

/** `network rm`, as it is typed. */
export function pathOf(command: Command): string {
  const { parent } = command;
  const isTop = parent === null || parent.parent === null;
  return isTop ? command.name() : `${pathOf(parent)} ${command.name()}`;
}

function isAllowed({ rootBecause }: CommandSpec): boolean {
  return rootBecause === undefined || isRoot();
}

interface Typed {
  readonly typed: Command;
  readonly argv: readonly string[];
  readonly io: Io;
}

function refuse({ rootBecause }: CommandSpec, { typed, argv, io }: Typed): number {
  const again = ['sudo', ownCommand(), ...argv].map(shellWord).join(' ');
  io.err(
    `Cannot run "flatnet ${pathOf(typed)}": it needs root, because it ${rootBecause ?? ''}\n  ${again}\n`,
  );
  return EXIT.failure;
}

async function runSpec(spec: CommandSpec, typed: Command, io: Io): Promise<number> {
  const handler: Handler | undefined = await spec.load?.();
  return handler === undefined ? EXIT.failure : handler({ args: typed.args, options: typed.opts() }, io);
}

/**
 * `help network rm` and `network help rm` as `network rm --help`: commander's own word "help" takes no more than one
 * command, and ends with the exit code that the process has so far.
 */
function helpAsOption(argv: readonly string[]): readonly string[] {
  const [first = '', second = ''] = argv;
  const isGroup = COMMANDS.some(({ name, commands }) => name === first && commands !== undefined);
  if (first === 'help') return [...argv.slice(1), '--help'];
  return isGroup && second === 'help' ? [first, ...argv.slice(2), '--help'] : argv;
}

/** Runs what was typed. Every failure ends as words on stderr and exit code 2. */
export async function runProgram(argv: readonly string[], io: Io): Promise<number> {
  const program = buildProgram(io, argv);
  if (argv.length === 0) {
    program.command.outputHelp();
    return EXIT.ok;
  }
  try {
    await program.command.parseAsync([...helpAsOption(argv)], { from: 'user' });
    return program.exitCode();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.failure;
    io.err(await describeFailure(error, program.path()));
    return EXIT.failure;
  }
}
