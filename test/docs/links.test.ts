import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { anchorsOf, documents, parseDocument, ROOT } from './markdown.ts';

const DOCUMENTS = documents();

test('parseDocument() tells headings, links and spans from what is in blocks', () => {
  const text = '# A `b`\n\n[x](y.md#z) `[no](no.md)`\n\n```sh\n# no heading\n[no](no.md)\n```\n\n## C/D e\n';
  expect(parseDocument('a.md', text)).toMatchObject({
    headings: [
      { level: 1, text: 'A `b`' },
      { level: 2, text: 'C/D e' },
    ],
    links: ['y.md#z'],
    spans: ['b', '[no](no.md)'],
    blocks: [{ language: 'sh', text: '# no heading\n[no](no.md)\n', line: 5 }],
  });
});

test('anchorsOf() makes anchors as GitHub does', () => {
  const headings = ['CNI/IPAM 状態', 'Symptom: "x" of 10.87.1.x', 'Again', 'Again'].map((text) => ({
    level: 2,
    text,
  }));
  expect(anchorsOf({ headings })).toEqual(['cniipam-状態', 'symptom-x-of-10871x', 'again', 'again-1']);
});

test.each(DOCUMENTS.map((document) => [document.path, document] as const))(
  'every link of %s leads somewhere',
  (path, { links }) => {
    const broken = links.filter((link) => {
      if (/^[a-z]+:/.test(link)) return false;
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : normalize(join(dirname(path), file));
      if (!existsSync(join(ROOT, target))) return true;
      const document = DOCUMENTS.find((other) => other.path === target);
      return anchor !== undefined && !(document && anchorsOf(document).includes(decodeURIComponent(anchor)));
    });
    expect(broken).toEqual([]);
  },
);

test('every document is reached from the README', () => {
  const reached = new Set<string>();
  const visit = (path: string): void => {
    if (reached.has(path)) return;
    reached.add(path);
    const links = DOCUMENTS.find((document) => document.path === path)?.links ?? [];
    for (const link of links) visit(normalize(join(dirname(path), link.split('#')[0] ?? '')));
  };
  visit('README.md');
  expect(DOCUMENTS.map(({ path }) => path).filter((path) => !reached.has(path))).toEqual([]);
});
