import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The project's directory. */
export const ROOT = join(import.meta.dirname, '../..');

/** A fenced block. */
export interface Block {
  /** The word after the fence; empty for none. */
  readonly language: string;
  readonly text: string;
  /** Line of the fence, counted from 1. */
  readonly line: number;
}

/** A heading. */
export interface Heading {
  readonly level: number;
  readonly text: string;
}

/** What a test needs to know of a document. */
export interface Document {
  /** Path below the project's directory. */
  readonly path: string;
  readonly headings: readonly Heading[];
  readonly blocks: readonly Block[];
  /** `code` between backquotes, outside of blocks. */
  readonly spans: readonly string[];
  /** Targets of links, outside of blocks and spans. */
  readonly links: readonly string[];
}

const FENCE = /^( *)(`{3,})(\S*).*\n([^]*?)^\1\2 *$/gm;

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

/** Takes a document apart. */
export function parseDocument(path: string, text: string): Document {
  const blocks = [...text.matchAll(FENCE)].map(
    ({ index, 1: indent = '', 3: language = '', 4: body = '' }) => ({
      language,
      text: body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      line: lineOf(text, index),
    }),
  );
  const prose = text.replaceAll(FENCE, '');
  const headings = [...prose.matchAll(/^(#{1,6}) (.+)$/gm)].map(({ 1: marks = '', 2: words = '' }) => ({
    level: marks.length,
    text: words.trim(),
  }));
  const spans = [...prose.matchAll(/(?<!`)`([^`]+)`(?!`)/g)].map(({ 1: span = '' }) => span);
  const plain = prose.replaceAll(/(?<!`)`[^`]+`(?!`)/g, '');
  const links = [...plain.matchAll(/\]\(([^()\s]+)\)/g)].map(({ 1: target = '' }) => target);
  return { path, headings, blocks, spans, links };
}

/** Every document of the project. */
export function documents(): readonly Document[] {
  const paths = globSync('**/*.md', { cwd: ROOT, exclude: ['**/node_modules/**', 'dist/**'] }).sort();
  return paths.map((path) => parseDocument(path, readFileSync(join(ROOT, path), 'utf8')));
}

/** The anchors that GitHub gives a document's headings. */
export function anchorsOf({ headings }: Pick<Document, 'headings'>): readonly string[] {
  const seen = new Map<string, number>();
  return headings.map(({ text }) => {
    const slug = text
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .replaceAll(' ', '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
}
