import { expect, expectTypeOf, test } from 'vitest';
import { type CommandSpec, defineCommand } from '../../src/cli/command.ts';
import { argument, choice, flag, optionalArgument, parsed, parsedOr, text } from '../../src/cli/option.ts';
import { recordingIo } from './screen.ts';

/** A command that keeps what it was given. */
function keeping(): { readonly spec: CommandSpec; readonly given: () => unknown } {
  let kept: unknown;
  const spec = defineCommand({
    name: 'x',
    summary: 'x',
    args: { network: argument('d'), shell: choice('d', ['bash', 'zsh']), more: optionalArgument('d') },
    options: {
      json: flag('d'),
      dataDir: text({ value: 'dir', description: 'd' }),
      lines: parsedOr({ value: 'count', description: 'd', fallback: '100' }, Number),
      since: parsed({ value: 'time', description: 'd' }, (typed) => new Date(typed)),
    },
    run: (given) => {
      expectTypeOf(given).toExtend<{
        readonly network: string;
        readonly shell: 'bash' | 'zsh';
        readonly more: string | undefined;
        readonly json: boolean;
        readonly dataDir: string | undefined;
        readonly lines: number;
        readonly since: Date | undefined;
      }>();
      expectTypeOf(given).not.toHaveProperty('dryRun');
      kept = given;
      return Promise.resolve(0);
    },
  });
  return { spec, given: () => kept };
}

test('a command gets the values of its arguments and options', async () => {
  const { spec, given } = keeping();
  const options = { json: true, dataDir: '/d', lines: '7', since: '2026-01-31T08:00Z' };
  await spec.run({ args: ['lab', 'zsh', 'y'], options }, recordingIo().io);
  expect(given()).toEqual({
    network: 'lab',
    shell: 'zsh',
    more: 'y',
    json: true,
    dataDir: '/d',
    lines: 7,
    since: new Date('2026-01-31T08:00Z'),
  });
});

test('a command gets the defaults of what was not typed', async () => {
  const { spec, given } = keeping();
  await spec.run({ args: ['lab', 'bash'], options: {} }, recordingIo().io);
  expect(given()).toEqual({
    network: 'lab',
    shell: 'bash',
    more: undefined,
    json: false,
    dataDir: undefined,
    lines: 100,
    since: undefined,
  });
});

test('a command without arguments and options gets none', () => {
  defineCommand({
    name: 'x',
    summary: 'x',
    options: { json: flag('d') },
    run: (given) => {
      expectTypeOf(given).toEqualTypeOf<{ readonly json: boolean }>();
      return Promise.resolve(0);
    },
  });
});
