import { networkOf, parseAddress, parseCidr, type Family } from '../../input/address.ts';
import { configError } from '../errors.ts';
import { spanContains } from '../range.ts';
import type { Range, RangeSet, Span } from '../types.ts';
import { SPAN_FORMS } from './schema.ts';

export function parseExclude(
  list: readonly string[] = [],
  key: string,
  sets: readonly RangeSet[],
): readonly RangeSet[] {
  const spans = list.map((text, index) => {
    const span = parseSpan(text);
    if (span === undefined || span.last < span.first) throw configError(`${key}[${index}]`, text, SPAN_FORMS);
    if (!sets.flat().some((range) => liesIn(span, range)))
      throw configError(`${key}[${index}]`, text, 'it lies in no subnet of this network');
    return span;
  });
  return spans.length === 0 ? sets : sets.map((set) => set.map((range) => without(range, spans)));
}

function without(range: Range, spans: readonly FamilySpan[]): Range {
  const own = spans.filter((span) => liesIn(span, range)).map(({ first, last }) => ({ first, last }));
  return { ...range, exclude: [...range.exclude, ...own] };
}

interface FamilySpan extends Span {
  readonly family: Family;
}

function liesIn(span: FamilySpan, range: Range): boolean {
  return (
    span.family === range.family &&
    spanContains(range.subnet, span.first) &&
    spanContains(range.subnet, span.last)
  );
}

function parseSpan(text: string): FamilySpan | undefined {
  const cidr = parseCidr(text);
  if (cidr !== undefined) {
    return { family: cidr.family, ...networkOf(cidr) };
  }
  const dash = text.indexOf('-');
  const first = parseAddress(dash < 0 ? text : text.slice(0, dash).trim());
  const last = dash < 0 ? first : parseAddress(text.slice(dash + 1).trim());
  if (first === undefined || first.family !== last?.family) {
    return undefined;
  }
  return { family: first.family, first: first.value, last: last.value };
}
