import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseConflist } from '../../src/cni/conflist.ts';
import { complaintAbout } from './flatnet-command.ts';
import { documents, ROOT } from './markdown.ts';
import { type Command, commandsOf, splitCommands } from './shell.ts';

const MANIFEST = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** What documents may tell people to type besides; podman's own words are looked at where Podman is. */
const TOOLS =
  /^(apt-get|bridge|command|curl|df|du|echo|git|head|install|ip|iptables|jq|cat|ls|man|mkdir|nft|podman|printf|rm|sysctl|tee)$/;

/** Built, or made by whoever follows the document. */
const isScript = (word: string): boolean => /^(\.\/)?scripts\//.test(word);

function complaintAboutNpm([, verb = '', name = '', ...rest]: readonly string[]): string | undefined {
  if (verb === 'run') return name in MANIFEST.scripts ? undefined : `no script "${name}" in package.json`;
  if (verb === 'test') return undefined;
  const isKnown = ['ci', 'install', 'ping', 'config'].includes(verb) && rest.length === 0;
  return isKnown ? undefined : `unexpected "npm ${verb}"`;
}

function complaintAboutScript([path = '', ...args]: readonly string[]): string | undefined {
  const file = join(ROOT, path);
  accessSync(file, constants.X_OK);
  const text = readFileSync(file, 'utf8');
  const unknown = args.filter((arg) => arg.startsWith('-') && !text.includes(arg));
  return unknown.length === 0 ? undefined : `${path} does not know ${unknown.join(' ')}`;
}

function complaint({ words, hasEnvironment, where }: Command): string | undefined {
  const [name = '', second = ''] = words;
  if (/(^|\/)flatnet$/.test(name)) {
    // With CNI_COMMAND it is the plugin.
    return hasEnvironment ? undefined : complaintAbout(words.slice(1), !where.includes(':'));
  }
  if (name === 'npm') return complaintAboutNpm(words);
  if (name === 'npx')
    return second in MANIFEST.bin || existsSync(join(ROOT, 'node_modules/.bin', second))
      ? undefined
      : `no "${second}"`;
  if (isScript(name)) return complaintAboutScript(words);
  if (name === 'node') return existsSync(join(ROOT, second)) ? undefined : `no file ${second}`;
  return TOOLS.test(name) ? undefined : `unexpected command "${name}"`;
}

test('splitCommands() takes lines apart as a shell does', () => {
  expect(splitCommands(`sudo a 'b c' "d \\"e" | f; g && h $(i j) # k`)).toEqual([
    ['i', 'j'],
    ['sudo', 'a', 'b c', 'd "e'],
    ['f'],
    ['g'],
    ['h', 'SUBSTITUTED'],
  ]);
  expect(() => splitCommands(`a "b`)).toThrow('Cannot take apart');
});

test('complaintAbout() takes what flatnet takes, and nothing else', () => {
  expect(complaintAbout(['network', 'create', 'x', '--subnet', '10.87.9.0/24'])).toBeUndefined();
  expect(complaintAbout(['status', '--help'])).toBeUndefined();
  expect(complaintAbout(['status', '--jsno'])).toContain('Unknown option "--jsno"');
  expect(complaintAbout(['ipam', 'lst'])).toContain('Unknown command "lst"');
  expect(complaintAbout(['network', 'rm'])).toContain('Missing required argument');
  expect(complaintAbout(['network', 'rm'], true)).toBeUndefined();
});

test.each(documents().map((document) => [document.path, document] as const))(
  'every command in %s exists',
  (_path, document) => {
    const complaints = commandsOf(document).flatMap((command) => {
      const words = complaint(command);
      return words === undefined ? [] : [`${command.where}: ${command.words.join(' ')}: ${words}`];
    });
    expect(complaints).toEqual([]);
  },
);

const JSON_BLOCKS = documents().flatMap(({ path, blocks }) =>
  blocks
    .filter(({ language }) => language === 'json')
    .map(({ text, line }) => [`${path}:${line}`, text] as const),
);

test.each(JSON_BLOCKS)(
  'the JSON at %s is valid, and a network in it is one that flatnet takes',
  (where, text) => {
    const value = JSON.parse(text);
    if (value.plugins !== undefined) expect(parseConflist(text, where).kind).toBe('flatnet');
    if (value.type === 'flatnet') {
      const list = { cniVersion: '1.0.0', name: 'flatnet', plugins: [value] };
      expect(parseConflist(JSON.stringify(list), where).kind).toBe('flatnet');
    }
  },
);
