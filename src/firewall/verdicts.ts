import { isFields } from '../input/parse.ts';
import type { ListedRule, Statement } from './ruleset.ts';

/*
 * The effect of other firewalls' rules, judged by their statements. Matches and targets of iptables-nft appear as
 * `{"xt": {"type", "name"}}`, without operands.
 */

/** A rule that accepts every packet of one link. */
export interface Pass {
  readonly side: 'iifname' | 'oifname';
  readonly link: string;
}

/** iptables comments do not match on packets. */
function isComment({ name, operand }: Statement): boolean {
  return name === 'xt' && isFields(operand) && operand['name'] === 'comment';
}

function matchedLink({ name, operand }: Statement): Pass | undefined {
  if (name !== 'match' || !isFields(operand) || operand['op'] !== '==') return undefined;
  const { left, right } = operand;
  const meta = isFields(left) && isFields(left['meta']) ? left['meta']['key'] : undefined;
  if (typeof right !== 'string' || (meta !== 'iifname' && meta !== 'oifname')) return undefined;
  return { side: meta, link: right };
}

/**
 * The link whose packets a rule accepts without exception. Recognizes our own rules in every form: iptables-restore
 * rewrites them, and turns the comment into a match.
 */
export function passOf({ statements }: ListedRule): Pass | undefined {
  const deciding = statements.filter((statement) => statement.name !== 'counter' && !isComment(statement));
  const [match, verdict, ...others] = deciding;
  if (match === undefined || verdict?.name !== 'accept' || others.length > 0) return undefined;
  return matchedLink(match);
}

/** The link from which a rule takes packets, whatever else it asks of them. */
export function inputOf({ statements }: ListedRule): string | undefined {
  const links = statements.flatMap((statement) => matchedLink(statement) ?? []);
  return links.find(({ side }) => side === 'iifname')?.link;
}

/** The destination port that a rule asks for. */
export function portOf({ statements }: ListedRule): unknown {
  const matched = statements.flatMap(({ name, operand }) => {
    if (name !== 'match' || !isFields(operand) || !isFields(operand['left'])) return [];
    const { payload } = operand['left'];
    return isFields(payload) && payload['field'] === 'dport' ? [operand['right']] : [];
  });
  return matched[0];
}

/** Verdicts anywhere in a value: of a statement itself, or of the elements of a verdict map. */
function verdictsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(verdictsIn);
  if (!isFields(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...verdictsIn(inner)]);
}

/** nft prints the REJECT target of iptables, and statements without a JSON form, as words. */
function wordsOf({ name, operand }: Statement): readonly string[] {
  if (name === 'xt' && isFields(operand)) return [String(operand['name']).toLowerCase()];
  return [...name.split(/\s+/), ...verdictsIn(operand)];
}

function has(rule: ListedRule, ...verdicts: readonly string[]): boolean {
  return rule.statements.flatMap(wordsOf).some((word) => verdicts.includes(word));
}

/** Whether a rule may accept packets. */
export function accepts(rule: ListedRule): boolean {
  return has(rule, 'accept');
}

/** Whether a rule may drop or reject packets. */
export function refuses(rule: ListedRule): boolean {
  return has(rule, 'drop', 'reject');
}

export function jumpsTo(rule: ListedRule, chain: string): boolean {
  return rule.statements.some(
    ({ name, operand }) => name === 'jump' && isFields(operand) && operand['target'] === chain,
  );
}
