import { FlatnetError } from './error.ts';
import { quote } from './quote.ts';

/** A JSON object with unchecked values. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Real configurations nest to 8 levels. The limit protects the stack: checks and copies of a value recurse. */
const DEPTH_LIMIT = 100;

/** An empty text is an error in these keys. */
const NEVER_EMPTY = ['cniVersion', 'name', 'subnet', 'dst', 'containerID', 'ifname'];
/** The members of these keys are the user's: an empty sysctl is a value. */
const TAKEN_AS_IS = ['sysctl', 'reservations'];

/**
 * Drops keys with `null`, which Go's decoder treats as absent, and with an empty text, which Go's encoder writes for an
 * unset field. Other values than objects pass through.
 */
export function presentFields(value: unknown): unknown {
  return isFields(value) ? Object.fromEntries(Object.entries(value).filter(isPresent)) : value;
}

function isPresent([key, field]: readonly [string, unknown]): boolean {
  return field !== null && (field !== '' || NEVER_EMPTY.includes(key));
}

function withoutAbsent(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > DEPTH_LIMIT) throw new RangeError(`it nests deeper than ${DEPTH_LIMIT} levels`);
  if (Array.isArray(value)) return value.map((item: unknown) => withoutAbsent(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .filter(isPresent)
      .map(([key, field]) => [key, TAKEN_AS_IS.includes(key) ? field : withoutAbsent(field, depth + 1)]),
  );
}

/**
 * Parses a JSON object and drops its unset keys, see `presentFields`.
 * @throws FlatnetError `malformed`, naming `what` and the position.
 */
export function parseObject(text: string, what: string): Fields {
  let value: unknown;
  try {
    value = withoutAbsent(JSON.parse(text), 0);
  } catch (cause) {
    const problem = cause instanceof RangeError ? 'it is not a plain configuration' : 'it is not valid JSON';
    throw new FlatnetError('malformed', `Cannot read ${what}: ${problem}`, {
      details: text.trim() === '' ? 'it is empty' : cause instanceof Error ? cause.message : undefined,
      cause,
    });
  }
  if (!isFields(value)) throw new FlatnetError('malformed', `Cannot read ${what}: it is not a JSON object`);
  return value;
}

export function invalidValue(
  key: string,
  value: unknown,
  { expected, where }: { readonly expected: string; readonly where: string },
): FlatnetError {
  return new FlatnetError('invalid', `Invalid "${key}" in ${where}: ${quote(value)}`, {
    details: `expected ${expected}`,
  });
}

/**
 * Renames keys that differ from a known one only in case: containerd sends `HostPort` and `Servers` where Podman sends
 * `hostPort`, and Go plugins read both.
 */
export function canonicalKeys(fields: unknown, known: readonly string[]): Fields {
  if (!isFields(fields)) return {};
  const spelling = new Map(known.map((key) => [key.toLowerCase(), key]));
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [spelling.get(key.toLowerCase()) ?? key, value]),
  );
}
