import * as z from 'zod/mini';
import { type Fields, invalidValue } from './parse.ts';

/* Schemas are zod's. A check's message says what is expected; for wrong types, TYPES does. */

export type Infer<S extends z.ZodMiniType> = z.output<S>;

/* One schema each: `z.string().check()` would build two, and every call of the plugin builds all that it may need. */

export function textThat(test: (value: string) => boolean, expected: string): z.ZodMiniCustom<string> {
  return z.custom<string>((value: unknown) => typeof value === 'string' && test(value), expected);
}

export function numberThat(test: (value: number) => boolean, expected: string): z.ZodMiniCustom<number> {
  return z.custom<number>((value: unknown) => typeof value === 'number' && test(value), expected);
}

export function oneOf<const T extends string>(known: readonly T[], expected: string): z.ZodMiniCustom<T> {
  return z.custom<T>((value: unknown) => known.some((one) => one === value), expected);
}

export function matching(regexp: RegExp, expected: string): z.ZodMiniCustom<string> {
  return textThat((value) => regexp.test(value), expected);
}

/** An integer between two limits, both included. */
export function between(least: number, most: number, expected: string): z.ZodMiniCustom<number> {
  return numberThat((value) => Number.isInteger(value) && value >= least && value <= most, expected);
}

/** A schema that few calls need, built on first use. */
export function whenNeeded<S extends z.ZodMiniType>(build: () => S): () => S {
  let schema: S | undefined;
  return () => (schema ??= build());
}

/** The first problem of a value: its path, and what was expected there. */
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

/** @param refuse makes the error for the first problem. */
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

export function conforms<S extends z.ZodMiniType>(schema: S, value: unknown): value is Infer<S> {
  return z.validate(schema, value);
}

/** As a user would write it: `ipam.routes[0].dst`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`))
    .join('');
}

/**
 * @param where names the document: `the configuration of network "x"`.
 * @throws FlatnetError `invalid`, naming the first wrong key, its value and the expected form.
 */
export function checkShape<S extends z.ZodMiniType>(schema: S, value: unknown, where: string): Infer<S> {
  return parseAs(schema, value, (problem) =>
    invalidValue(formatPath(problem.path), problem.value, { expected: problem.expected, where }),
  );
}

/** Schemas of an object's keys, built on demand. */
export type KeySchemas = Readonly<Record<string, () => z.ZodMiniType>>;

/** An object whose present keys conform to the schemas. */
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
 * Like `parseAs` for an object with few of its possible keys: builds and runs only their schemas. Unknown keys pass.
 */
export function parseKeys<T extends KeySchemas>(
  schemas: T,
  fields: Fields,
  refuse: (problem: Problem) => Error,
): InferKeys<T> {
  assertKeys(schemas, fields, refuse);
  return fields;
}

/** Position of an object in a document. */
export interface Place {
  /** Names the document: `the configuration of network "x"`. */
  readonly where: string;
  /** Keys that lead to the object. */
  readonly at?: readonly string[];
}

/**
 * Like `checkShape` for an object with few of its possible keys, see `parseKeys`.
 * @throws FlatnetError `invalid`, naming the first wrong key, its value and the expected form.
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
