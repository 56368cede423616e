import { type Fields, isFields } from '../input/parse.ts';

/*
 * Parses listings of `nft -j` (libnftables-json(5)). Versions differ in types, expressions and numbers: only fields
 * common to all of them are read, unknown ones are skipped.
 */

/** Tables are named as in nft's text: `inet filter`. */
export interface ListedChain {
  readonly table: string;
  readonly name: string;
  /** Base chains only: `filter`, `nat`. */
  readonly type?: string | undefined;
  readonly hook?: string | undefined;
  readonly policy?: string | undefined;
}

/** A match, counter, verdict …: its name in nft's JSON, and its operands. */
export interface Statement {
  readonly name: string;
  readonly operand: unknown;
}

/** Rules of a chain are listed in order. */
export interface ListedRule {
  readonly table: string;
  readonly chain: string;
  readonly handle: number;
  readonly comment?: string | undefined;
  readonly statements: readonly Statement[];
}

export interface ListedSet {
  readonly table: string;
  readonly name: string;
}

/** Key and value are the parts of a concatenation, without quotes. */
export interface ListedElement {
  readonly table: string;
  readonly set: string;
  readonly key: readonly string[];
  readonly value?: readonly string[] | undefined;
  readonly comment?: string | undefined;
}

export interface Ruleset {
  readonly tables: readonly string[];
  readonly chains: readonly ListedChain[];
  readonly rules: readonly ListedRule[];
  readonly sets: readonly ListedSet[];
  readonly elements: readonly ListedElement[];
}

function textIn(fields: Fields, key: string): string {
  const value = fields[key];
  return typeof value === 'string' ? value : '';
}

function optionalText(fields: Fields, key: string): string | undefined {
  const value = fields[key];
  return typeof value === 'string' ? value : undefined;
}

function listIn(fields: Fields, key: string): readonly unknown[] {
  const value = fields[key];
  return Array.isArray(value) ? value : [];
}

function tableOf(fields: Fields): string {
  return `${textIn(fields, 'family')} ${textIn(fields, 'table')}`;
}

function parseChain(fields: Fields): ListedChain {
  return {
    table: tableOf(fields),
    name: textIn(fields, 'name'),
    type: optionalText(fields, 'type'),
    hook: optionalText(fields, 'hook'),
    policy: optionalText(fields, 'policy'),
  };
}

/** nft prints a statement without a JSON form as text. */
function parseStatement(value: unknown): Statement {
  const [name, operand] = isFields(value) ? (Object.entries(value)[0] ?? []) : [String(value)];
  return { name: name ?? '', operand };
}

function parseRule(fields: Fields): ListedRule {
  return {
    table: tableOf(fields),
    chain: textIn(fields, 'chain'),
    handle: Number(fields['handle']),
    comment: optionalText(fields, 'comment'),
    statements: listIn(fields, 'expr').map(parseStatement),
  };
}

/** A text or number, `{"prefix": {"addr", "len"}}`, or `{"range": [first, last]}`. */
function formatPart(part: unknown): string {
  if (!isFields(part)) return String(part);
  const { prefix, range } = part;
  if (isFields(prefix)) return `${String(prefix['addr'])}/${String(prefix['len'])}`;
  return Array.isArray(range) ? range.map(String).join('-') : JSON.stringify(part);
}

function partsOf(value: unknown): readonly string[] {
  const parts = isFields(value) && Array.isArray(value['concat']) ? value['concat'] : [value];
  return parts.map(formatPart);
}

/**
 * A key with a comment, counter or timeout is `{"elem": {"val": …}}`; an element of a map is a pair of key and value.
 */
function parseElement(entry: unknown, place: Pick<ListedElement, 'table' | 'set'>): ListedElement {
  const pair: readonly unknown[] = Array.isArray(entry) ? entry : [entry];
  const [key, value] = pair;
  const wrapped = isFields(key) && isFields(key['elem']) ? key['elem'] : { val: key };
  return {
    ...place,
    key: partsOf(wrapped['val']),
    value: value === undefined ? undefined : partsOf(value),
    comment: optionalText(wrapped, 'comment'),
  };
}

function parseElements(fields: Fields): readonly ListedElement[] {
  const place = { table: tableOf(fields), set: textIn(fields, 'name') };
  return listIn(fields, 'elem').map((entry) => parseElement(entry, place));
}

export function parseRuleset(listing: unknown): Ruleset {
  const objects = isFields(listing) ? listIn(listing, 'nftables').filter(isFields) : [];
  const all = (kind: string) => objects.map((object) => object[kind]).filter(isFields);
  const sets = [...all('set'), ...all('map')];
  return {
    tables: all('table').map((fields) => `${textIn(fields, 'family')} ${textIn(fields, 'name')}`),
    chains: all('chain').map(parseChain),
    rules: all('rule').map(parseRule),
    sets: sets.map((fields) => ({ table: tableOf(fields), name: textIn(fields, 'name') })),
    elements: sets.flatMap(parseElements),
  };
}

export const EMPTY_RULESET: Ruleset = { tables: [], chains: [], rules: [], sets: [], elements: [] };

export function mergeRulesets(rulesets: readonly Ruleset[]): Ruleset {
  return {
    tables: rulesets.flatMap(({ tables }) => tables),
    chains: rulesets.flatMap(({ chains }) => chains),
    rules: rulesets.flatMap(({ rules }) => rules),
    sets: rulesets.flatMap(({ sets }) => sets),
    elements: rulesets.flatMap(({ elements }) => elements),
  };
}
