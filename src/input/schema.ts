import * as z from 'zod/mini';
import { type Fields, invalidValue } from './parse.ts';

/*
 * Schemas are zod's. The message of a check says what would be right; for values of a wrong type, TYPES does.
 */

/** The type of what a schema accepts. */
export type Infer<S extends z.ZodMiniType> = z.output<S>;

/*
 * Each is one schema: `z.string().check()` would build two, and every call of the plugin builds all that it may need.
 */

/** A text that passes a test. */
export function textThat(test: (value: string) => boolean, expected: string): z.ZodMiniCustom<string> {
  return z.custom<string>((value: unknown) => typeof value === 'string' && test(value), expected);
}

/** A number that passes a test. */
export function numberThat(test: (value: number) => boolean, expected: string): z.ZodMiniCustom<number> {
  return z.custom<number>((value: unknown) => typeof value === 'number' && test(value), expected);
}

/** One of a few texts. */
export function oneOf<const T extends string>(known: readonly T[], expected: string): z.ZodMiniCustom<T> {
  return z.custom<T>((value: unknown) => known.some((one) => one === value), expected);
}

/** A text that a regular expression matches. */
export function matching(regexp: RegExp, expected: string): z.ZodMiniCustom<string> {
  return textThat((value) => regexp.test(value), expected);
}

/** A whole number between two limits, both included. */
export function between(least: number, most: number, expected: string): z.ZodMiniCustom<number> {
  return numberThat((value) => Number.isInteger(value) && value >= least && value <= most, expected);
}

/** A schema that few calls need: it is built when it is first asked for. */
export function whenNeeded<S extends z.ZodMiniType>(build: () => S): () => S {
  let schema: S | undefined;
  return () => (schema ??= build());
}

/** The first thing wrong with a value: where, and what would be right there. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  readonly value: unknown;
  readonly expected: string;
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

const OPTIONS = {
  reportInput: true,
  error: (issue: z.core.$ZodRawIssue) =>
    issue.code === 'invalid_type' ? TYPES[String(issue.expected)] : undefined,
};

/**
 * Checks a value against a schema.
 *
 * @param refuse makes the error for the first thing that is wrong.
 */
export function parseAs<S extends z.ZodMiniType>(
  schema: S,
  value: unknown,
  refuse: (problem: Problem) => Error,
): Infer<S> {
  const { success, data, error } = z.safeParse(schema, value, OPTIONS);
  if (success) return data;
  const [issue] = error.issues;
  throw refuse({ path: issue?.path ?? [], value: issue?.input, expected: issue?.message ?? 'another value' });
}

/** Whether a value is of a schema's type. */
export function conforms<S extends z.ZodMiniType>(schema: S, value: unknown): value is Infer<S> {
  return z.validate(schema, value);
}

/** `ipam.routes[0].dst`, as one would write it. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`))
    .join('');
}

/**
 * Checks a value against a schema.
 *
 * @param where names the whole: `the configuration of network "x"`.
 * @throws FlatnetError naming the first wrong key, its value, and what would be right.
 */
export function checkShape<S extends z.ZodMiniType>(schema: S, value: unknown, where: string): Infer<S> {
  return parseAs(schema, value, (problem) =>
    invalidValue(formatPath(problem.path), problem.value, { expected: problem.expected, where }),
  );
}

/** Schemas of an object's keys, each to be built when it is needed. */
export type KeySchemas = Readonly<Record<string, () => z.ZodMiniType>>;

/** The type of an object whose keys, where they are there, conform to schemas. */
export type InferKeys<T extends KeySchemas> = {
  readonly [K in keyof T]?: Infer<ReturnType<T[K]>> | undefined;
};

function assertKeys<T extends KeySchemas>(
  schemas: T,
  fields: Fields,
  refuse: (problem: Problem) => Error,
): asserts fields is InferKeys<T> {
  for (const [key, build] of Object.entries(schemas)) {
    if (!Object.hasOwn(fields, key) || fields[key] === undefined) continue;
    parseAs(build(), fields[key], (problem) => refuse({ ...problem, path: [key, ...problem.path] }));
  }
}

/**
 * As `parseAs`, for an object that has few of the keys it may have: only their schemas are built and run. Unknown keys
 * pass.
 */
export function parseKeys<T extends KeySchemas>(
  schemas: T,
  fields: Fields,
  refuse: (problem: Problem) => Error,
): InferKeys<T> {
  assertKeys(schemas, fields, refuse);
  return fields;
}

/** Where an object stands. */
export interface Place {
  /** Names the whole: `the configuration of network "x"`. */
  readonly where: string;
  /** The keys that lead to the object. */
  readonly at?: readonly string[];
}

/**
 * As `checkShape`, for an object that has few of the keys it may have, see `parseKeys`.
 *
 * @throws FlatnetError naming the first wrong key, its value, and what would be right.
 */
export function checkKeys<T extends KeySchemas>(
  schemas: T,
  fields: Fields,
  { where, at = [] }: Place,
): InferKeys<T> {
  return parseKeys(schemas, fields, ({ path, value, expected }) =>
    invalidValue(formatPath([...at, ...path]), value, { expected, where }),
  );
}
