// Covers: cli/shell/
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { bashCompletion } from '../../../src/cli/shell/bash.ts';
import { fishCompletion } from '../../../src/cli/shell/fish.ts';
import { manualPage, roff } from '../../../src/cli/shell/man.ts';
import { commandNodes, completesTo, optionFacts } from '../../../src/cli/shell/model.ts';
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

test('optionFacts() takes flags apart', () => {
  expect(optionFacts({ flags: '-n, --lines <count>', description: 'd' })).toEqual({
    short: '-n',
    long: '--lines',
    value: '<count>',
    description: 'd',
  });
  expect(optionFacts({ flags: '--no-masq', description: 'd' })).toMatchObject({
    short: undefined,
    long: '--no-masq',
    value: undefined,
  });
});

test('completesTo() guesses from the name', () => {
  expect(['[container]', '<network>', '<file>', '<count>', undefined].map(completesTo)).toEqual([
    'containers',
    'networks',
    'files',
    'nothing',
    'nothing',
  ]);
});
