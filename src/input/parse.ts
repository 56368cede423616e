import { FlatnetError } from './error.ts';
import { quote } from './quote.ts';

/** A JSON object whose values are still unchecked. */
export type Fields = Readonly<Record<string, unknown>>;

/** Whether it is a JSON object. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Real configurations nest to 8; checks and copies of a value recurse, and must not run out of stack. */
const DEPTH_LIMIT = 100;

/** Keys whose empty text is a mistake, to be named. */
const NEVER_EMPTY = ['cniVersion', 'name', 'subnet', 'dst', 'containerID', 'ifname'];
/** Keys whose members are the user's own: an empty sysctl is a value. */
const TAKEN_AS_IS = ['sysctl', 'reservations'];

/**
 * The object without the keys that say nothing: `null` counts as absent, as in Go's decoder, and so does an empty text,
 * which Go's encoder writes for what was never set. Any other value as it is.
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
 * Parses a JSON object, and leaves out the keys that say nothing, see `presentFields`.
 *
 * @throws FlatnetError naming what could not be read and where.
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

/** The error for one wrong value. */
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
 * The same object with those keys that differ from a known one only in case under the known spelling. containerd
 * sends `HostPort` and `Servers` where Podman sends `hostPort`; Go plugins read both.
 */
export function canonicalKeys(fields: unknown, known: readonly string[]): Fields {
  if (!isFields(fields)) return {};
  const spelling = new Map(known.map((key) => [key.toLowerCase(), key]));
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [spelling.get(key.toLowerCase()) ?? key, value]),
  );
}
