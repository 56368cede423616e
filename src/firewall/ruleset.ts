/** A rule as nft prints it, without its handle, and its handle. */
export interface ListedRule {
  readonly text: string;
  readonly handle: string;
}

/** A chain of somebody's table. */
export interface ListedChain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  /** `type filter hook forward priority filter; policy drop;` of base chains; an empty text of others. */
  readonly hook: string;
  readonly rules: readonly ListedRule[];
}

const TABLES = /^table (\S+) (\S+) \{.*$((?:\n(?!\}).*)*)/gm;
const CHAINS = /^\tchain (\S+) \{.*$((?:\n(?!\t\}).*)*)/gm;
const RULE = /^\t\t(.*) # handle (\d+)$/gm;
const HOOK = /^\t\t(type .*)$/m;

function parseRules(body: string): readonly ListedRule[] {
  return [...body.matchAll(RULE)].map(([, text = '', handle = '']) => ({ text: text.trim(), handle }));
}

/** The chains in what `nft -a -s list ruleset` prints. */
export function parseRuleset(ruleset: string): readonly ListedChain[] {
  return [...ruleset.matchAll(TABLES)].flatMap(([, family = '', table = '', content = '']) =>
    [...content.matchAll(CHAINS)].map(([, name = '', body = '']) => ({
      family,
      table,
      name,
      hook: HOOK.exec(body)?.[1] ?? '',
      rules: parseRules(body),
    })),
  );
}
