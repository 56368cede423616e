import { expect, test } from 'vitest';
import { type Document, documents } from './markdown.ts';
import { commandsOf } from './shell.ts';

const DOCUMENTS = documents();
const TWINS = DOCUMENTS.filter(({ path }) => path.endsWith('.ja.md'));

/** Documents that exist in Japanese too; see docs/setup and docs/operations. */
const NAMED = [
  'docs/conformance-netavark',
  'docs/gateway/gateway',
  'docs/gateway/labels',
  'docs/operations/cni-operations',
  'docs/operations/troubleshooting',
  'docs/setup/phase-2-setup',
  'docs/setup/podman-5',
];

/** Blocks without their comments, which are in the document's language. */
function codeOf({ blocks }: Document): readonly string[] {
  return blocks.map(({ language, text }) => `${language}\n${text.replaceAll(/^#.*\n/gm, '')}`);
}

function mentionsOf(document: Document): readonly string[] {
  return commandsOf(document)
    .map(({ words }) => words.join(' '))
    .sort();
}

test('the documents of operation are there in Japanese too', () => {
  expect(TWINS.map(({ path }) => path.replace(/\.ja\.md$/, ''))).toEqual(NAMED);
});

test.each(TWINS.map((twin) => [twin.path, twin] as const))(
  '%s says what the English one says',
  (path, twin) => {
    const english = DOCUMENTS.find((document) => document.path === path.replace('.ja.md', '.md'));
    if (english === undefined) throw new Error(`${path} has no English twin`);
    expect(twin.headings.map(({ level }) => level)).toEqual(english.headings.map(({ level }) => level));
    expect(codeOf(twin)).toEqual(codeOf(english));
    expect(mentionsOf(twin)).toEqual(mentionsOf(english));
    expect(twin.links.map((link) => link.replace('.ja.md', '.md').split('#')[0]).sort()).toEqual(
      english.links.map((link) => link.replace('.ja.md', '.md').split('#')[0]).sort(),
    );
  },
);
