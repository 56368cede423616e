const TEXT = Symbol('html');

/** A piece of HTML. Only this file makes one, so whatever else goes into a page is escaped on its way. */
export interface Html {
  readonly [TEXT]: string;
}

/** What a template may hold: HTML as it is, texts and numbers escaped, `undefined` and `false` as nothing. */
export type Piece = Html | string | number | undefined | false | readonly Piece[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** Marks that turn the direction of what follows, and control characters: they let a text look like another one. */
const UNSEEN = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|(?![\t\n])\p{Cc}/gu;

/** A text for HTML, also between the quotes of an attribute. */
export function escapeHtml(text: string): string {
  return text.replaceAll(UNSEEN, '').replaceAll(/[&<>"'`]/g, (character) => ESCAPES[character] ?? '');
}

function isList(piece: Piece): piece is readonly Piece[] {
  return Array.isArray(piece);
}

function textOf(piece: Piece): string {
  if (piece === undefined || piece === false) return '';
  if (typeof piece === 'string') return escapeHtml(piece);
  if (typeof piece === 'number') return String(piece);
  if (isList(piece)) return piece.map(textOf).join('');
  return piece[TEXT];
}

/** Attributes are to stand in double quotes: what is put in cannot leave them. */
export function html(parts: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return { [TEXT]: parts.map((part, index) => part + textOf(pieces[index])).join('') };
}

/** Files of our own, such as icons; never what comes from a container or a request. */
export function ownHtml(text: string): Html {
  return { [TEXT]: text };
}

export function renderHtml(page: Html): string {
  return page[TEXT];
}
