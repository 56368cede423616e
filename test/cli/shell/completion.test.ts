import { execa } from 'execa';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { bashCompletion } from '../../../src/cli/shell/bash.ts';
import { fishCompletion } from '../../../src/cli/shell/fish.ts';
import { manualPage, roff } from '../../../src/cli/shell/man.ts';
import { argumentFacts, commandNodes, optionFacts } from '../../../src/cli/shell/model.ts';
import { zshCompletion } from '../../../src/cli/shell/zsh.ts';

const NODES = commandNodes(COMMANDS);

/** What bash offers after those words; the last one is being typed. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const script = `${bashCompletion(COMMANDS)}
COMP_WORDS=(flatnet "$@"); COMP_CWORD=$#; _flatnet; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await execa('bash', ['--norc', '-c', script, 'bash', ...words]);
  return stdout.split('\n').filter((word) => word !== '');
}

test('bash completes commands, commands below commands, and options', async () => {
  expect(await offered('st')).toEqual(['status']);
  expect(await offered('network', '')).toEqual(expect.arrayContaining(['ls', 'inspect', 'create', 'rm']));
  expect(await offered('network', 'create', '--sub')).toEqual(['--subnet']);
  expect(await offered('completion', 'z')).toEqual(['zsh']);
});

test('bash completes files where an option takes one', async () => {
  expect(await offered('doctor', '--bundle', '/etc/passw')).toContain('/etc/passwd');
});

test('every command and option is in every completion', () => {
  const [zsh, fish] = [zshCompletion(COMMANDS), fishCompletion(COMMANDS)];
  for (const { path, options, children } of NODES) {
    expect(zsh).toContain(`'${path}')`);
    if (children.length > 0) continue;
    for (const { long } of options) {
      expect(zsh).toContain(long);
      expect(fish).toMatch(new RegExp(`__flatnet_at ${path}'.* -l ${long.slice(2)}\\b`));
    }
  }
});

test('the manual page has every command and option', () => {
  const page = manualPage(COMMANDS);
  for (const { path, options, children } of NODES.filter((node) => node.children.length === 0)) {
    expect(children).toEqual([]);
    expect(page).toContain(`\\fBflatnet ${roff(path)}\\fR`);
    for (const { long } of options) expect(page).toContain(`\\fB${roff(long)}\\fR`);
  }
});

test('roff() lets nothing through that the formatter would obey', () => {
  expect(roff(".TH a\\b\n'x --y")).toBe("\\&.TH a\\eb\n\\&'x \\-\\-y");
});

test('optionFacts() writes an option as it is typed', () => {
  const lines = { short: 'n', value: 'count', description: 'd', read: () => 0 };
  expect(optionFacts('lines', lines)).toMatchObject({ short: '-n', long: '--lines', value: '<count>' });
  expect(optionFacts('dryRun', { description: 'd', read: () => true })).toMatchObject({
    short: undefined,
    long: '--dry-run',
    value: undefined,
  });
});

test('argumentFacts() shows what must be typed, and what may', () => {
  const argument = { description: 'd', read: () => '' };
  expect(argumentFacts('shell', argument).shown).toBe('<shell>');
  expect(argumentFacts('container', { ...argument, isOptional: true }).shown).toBe('[container]');
});

/** Commands of which an argument, or a value of an option, is completed with that. */
function completedWith(kind: string): readonly string[] {
  return NODES.flatMap(({ path, args, options }) => [
    ...args.filter(({ completion }) => completion === kind).map(({ shown }) => `${path} ${shown}`),
    ...options.filter(({ completion }) => completion === kind).map(({ long }) => `${path} ${long}`),
  ]);
}

test('containers, networks and files are completed where they are meant', () => {
  expect(completedWith('containers')).toEqual([
    'explain <name>',
    'logs [container]',
    'ipam show <name>',
    'ipam release <name>',
  ]);
  expect(completedWith('networks')).toEqual(
    expect.arrayContaining(['network inspect <network>', 'network rm <network>']),
  );
  expect(completedWith('networks')).not.toContain('network create <name>');
  expect(completedWith('files')).toEqual(
    expect.arrayContaining([
      'doctor --bundle',
      'ipam list --data-dir',
      'reload --data-dir',
      'install --root',
    ]),
  );
});
