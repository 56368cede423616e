/** Hosts and path of a rule of Traefik. */
export interface TraefikRule {
  readonly hosts: readonly string[];
  readonly path: string | undefined;
}

const LENGTH_LIMIT = 2000;
const CALL = /^(Host|PathPrefix)\(([^()]*)\)$/;
/** A text in backticks or double quotes. */
const QUOTED = /^(`[^`"\\]*`|"[^`"\\]*")$/;

/** The arguments of one call; `undefined` if the text is anything else. */
function argumentsOf(text: string, name: string): readonly string[] | undefined {
  const [, called, inside = ''] = CALL.exec(text.trim()) ?? [];
  const quoted = inside.split(',').map((argument) => argument.trim());
  if (called !== name || !quoted.every((argument) => QUOTED.test(argument))) return undefined;
  return quoted.map((argument) => argument.slice(1, -1));
}

/** One `Host(…)`, or several joined by `||`, in brackets if something follows. */
function hostsOf(text: string, isAlone: boolean): readonly string[] | undefined {
  const isBracketed = text.startsWith('(') && text.endsWith(')');
  const parts = (isBracketed ? text.slice(1, -1) : text).split('||');
  // "&&" binds more tightly: without brackets, the path would belong to the last host only.
  if (parts.length > 1 && !isBracketed && !isAlone) return undefined;
  const hosts = parts.map((part) => argumentsOf(part, 'Host'));
  return hosts.includes(undefined) ? undefined : hosts.flatMap((list) => list ?? []);
}

/**
 * Reads those rules that say hosts and a path, and no other: what a rule with anything else leaves out cannot be guessed.
 * Hosts and path are still to be checked.
 */
export function parseTraefikRule(rule: string): TraefikRule | undefined {
  if (rule.length > LENGTH_LIMIT) return undefined;
  const terms = rule.split('&&').map((term) => term.trim());
  const paths = terms.map((term) => argumentsOf(term, 'PathPrefix')).filter((term) => term !== undefined);
  const others = terms.filter((term) => argumentsOf(term, 'PathPrefix') === undefined);
  if (paths.length > 1 || others.length > 1 || paths.some(({ length }) => length !== 1)) return undefined;
  const [first] = others;
  const hosts = first === undefined ? [] : hostsOf(first, terms.length === 1);
  return hosts === undefined ? undefined : { hosts, path: paths[0]?.[0] };
}
