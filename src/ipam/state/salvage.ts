import { isFields } from '../../input/parse.ts';

/** Reads a damaged document: all of it if it is still JSON, else each line that parses as an entry. */
export function salvage(text: string): Readonly<Record<string, unknown>> {
  const document = parse(text);
  if (isFields(document)) {
    return document;
  }
  const [head = '', tail = ''] = text.split('\n},"released":{');
  return {
    bootId: /"bootId":"([^"]*)"/.exec(head)?.[1],
    allocations: entries(head),
    released: entries(tail),
  };
}

function entries(text: string): Readonly<Record<string, unknown>> {
  const records = text.split('\n').map((line) => parse(`{${line.trim().replace(/^,|,$/g, '')}}`));
  return Object.fromEntries(records.filter(isFields).flatMap((record) => Object.entries(record)));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
