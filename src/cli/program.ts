import { isRoot } from '../sys/user.ts';
import { CliError, describeFailure } from './failure.ts';
import { EXIT, type Io } from './io.ts';
import { type Parsed, parse } from './parser.ts';
import { ownCommand, shellWord } from './self.ts';

/** Runs a command line. Every failure ends as text on stderr and exit code 2. */
export async function runProgram(argv: readonly string[], io: Io): Promise<number> {
  const parsed = parse(argv, io);
  try {
    return await act(parsed, argv, io);
  } catch (error) {
    io.err(await describeFailure(error, parsed.kind === 'command' ? parsed.path : ''));
    return EXIT.failure;
  }
}

async function act(parsed: Parsed, argv: readonly string[], io: Io): Promise<number> {
  switch (parsed.kind) {
    case 'shown':
      return parsed.exitCode;
    case 'refused':
      throw new CliError(parsed.message, parsed.hint === '' ? undefined : parsed.hint);
    case 'command': {
      const { spec, path, typed } = parsed;
      const { rootBecause: reason } = spec;
      if (reason === undefined || isRoot()) return spec.run(typed, io);
      throw new CliError(
        `Cannot run "flatnet ${path}": it needs root, because it ${reason}`,
        ['sudo', ownCommand(), ...argv].map(shellWord).join(' '),
      );
    }
  }
}
