import { bySet, type Element, formatElement, tableOf } from './table.ts';

export interface ElementChanges {
  readonly remove: readonly Element[];
  readonly add: readonly Element[];
}

/** Changes of the ruleset that take effect together, or not at all. */
export interface Transaction extends ElementChanges {
  /** Lines of nft for tables, chains, sets and rules; they precede the elements. */
  readonly lines: readonly string[];
  /** The ruleset (`beginPlan`) the elements were planned for; any other one refuses them. */
  readonly generation?: number | undefined;
}

export function ofLines(lines: readonly string[]): Transaction {
  return { lines, remove: [], add: [] };
}

export function joinChanges(changes: readonly ElementChanges[]): ElementChanges {
  return { remove: changes.flatMap(({ remove }) => remove), add: changes.flatMap(({ add }) => add) };
}

export function join(...transactions: readonly Transaction[]): Transaction {
  return { lines: transactions.flatMap(({ lines }) => lines), ...joinChanges(transactions) };
}

export function isEmpty({ lines, remove, add }: ElementChanges & Partial<Transaction>): boolean {
  return (lines ?? []).length + remove.length + add.length === 0;
}

/** The kernel limits one argument to 128 KiB. */
const ELEMENTS_PER_LINE = 500;

function formatElements(verb: 'add' | 'delete', elements: readonly Element[]): readonly string[] {
  const format = verb === 'add' ? formatElement : ({ key }: Element) => key;
  return [...bySet(elements)].flatMap(([set, own]) => {
    const starts = own.map((_, at) => at).filter((at) => at % ELEMENTS_PER_LINE === 0);
    return starts.map((at) => {
      const texts = own.slice(at, at + ELEMENTS_PER_LINE).map(format);
      return `${verb} element ${tableOf(set)} ${set} { ${texts.join(', ')} }`;
    });
  });
}

/** In nft's text, line by line. */
export function formatTransaction({ lines, remove, add }: Transaction): readonly string[] {
  return [...lines, ...formatElements('delete', remove), ...formatElements('add', add)];
}
