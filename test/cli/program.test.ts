import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { commandNodes } from '../../src/cli/shell/model.ts';
import { typed } from './screen.ts';

test('flatnet alone shows its commands and exits 0', async () => {
  const { out, exitCode } = await typed();
  expect(exitCode).toBe(0);
  for (const { name } of COMMANDS) expect(out).toContain(`\n  ${name} `);
});

test.each([['--version'], ['-V']])('flatnet %s prints the version', async (option) => {
  expect(await typed(option)).toMatchObject({
    out: expect.stringMatching(/^flatnet \d+\.\d+\.\d+\n$/),
    exitCode: 0,
  });
});

test.each(commandNodes(COMMANDS).map(({ path }) => path))(
  'flatnet %s --help explains it and exits 0',
  async (path) => {
    const { out, err, exitCode } = await typed(...path.split(' '), '--help');
    expect(out).toContain(`Usage: flatnet ${path}`);
    expect(err).toBe('');
    expect(exitCode).toBe(0);
  },
);

test('every command that has something to tell tells it as JSON too', () => {
  const leaves = commandNodes(COMMANDS).filter(({ children }) => children.length === 0);
  const without = leaves.filter(({ options }) => !options.some(({ long }) => long === '--json'));
  expect(without.map(({ path }) => path)).toEqual(['completion', 'man']);
});

test.each([
  [['statsu'], 'Unknown command "statsu"\n  Did you mean status?\n'],
  [['network', 'remove', 'x'], 'Unknown command "remove"\n  Known: ls, inspect, create, rm\n'],
  [['network', 'help', 'remove'], 'Unknown command "remove"\n  Known: ls, inspect, create, rm\n'],
  [['network', 'lss'], 'Unknown command "lss"\n  Did you mean ls?\n'],
  [['doctor', '--bundel', 'x'], 'Unknown option "--bundel"\n  Did you mean --bundle?\n'],
  [['completion'], 'Missing required argument "shell"\n'],
  [['completion', 'tcsh'], 'Cannot use shell "tcsh"\n  Expected bash, zsh, fish\n'],
  [['logs', '--lines'], 'Option "-n, --lines <count>" argument missing\n'],
])('flatnet %j says what is wrong and exits 2', async (argv, message) => {
  expect(await typed(...argv)).toEqual({ out: '', err: message, exitCode: 2 });
});

test.each([
  [['help'], 'Usage: flatnet '],
  [['help', 'doctor'], 'Usage: flatnet doctor '],
  [['help', 'network', 'rm'], 'Usage: flatnet network rm '],
  [['network', 'help'], 'Usage: flatnet network '],
  [['network', 'help', 'rm'], 'Usage: flatnet network rm '],
])('flatnet %j shows help and exits 0', async (argv, usage) => {
  expect(await typed(...argv)).toMatchObject({ out: expect.stringContaining(usage), err: '', exitCode: 0 });
});

test('flatnet network alone shows its commands and exits 2', async () => {
  const { err, exitCode } = await typed('network');
  expect(err).toContain('Usage: flatnet network');
  expect(exitCode).toBe(2);
});
