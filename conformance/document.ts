/** A JSON document inside a text. */
export interface FoundDocument {
  readonly value: unknown;
  readonly before: string;
  readonly after: string;
}

/**
 * The first JSON object or array of a text. Printing a log line beside the result breaks one rule; reading past it
 * keeps every other case from failing, too.
 */
export function firstDocument(text: string): FoundDocument | undefined {
  for (let start = nextOpening(text, 0); start >= 0; start = nextOpening(text, start + 1)) {
    const end = closingOf(text, start);
    const value = end < 0 ? undefined : parse(text.slice(start, end));
    if (value !== undefined) return { value, before: text.slice(0, start), after: text.slice(end) };
  }
  return undefined;
}

function nextOpening(text: string, from: number): number {
  const found = text.slice(from).search(/[[{]/);
  return found < 0 ? -1 : from + found;
}

/** The index after the bracket that closes the one at `start`, or -1. */
function closingOf(text: string, start: number): number {
  let depth = 0;
  const tokens = /"(?:[^"\\]|\\.)*"|[[\]{}]/gs;
  tokens.lastIndex = start;
  for (let token = tokens.exec(text); token !== null; token = tokens.exec(text)) {
    if (token[0] === '{' || token[0] === '[') depth += 1;
    if (token[0] === '}' || token[0] === ']') depth -= 1;
    if (depth === 0) return tokens.lastIndex;
  }
  return -1;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
