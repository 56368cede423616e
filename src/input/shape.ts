/*
 * Shapes of JSON values: what zod/mini is for, in the few forms a network configuration needs. Loading zod/mini and
 * building the schemas took 13 ms of an ADD of 60; this takes 0.2.
 */

/** A key or index on the way to a value. */
export type Path = readonly (string | number)[];

/** The first thing wrong with a value: where, and what would be right there. */
export interface Issue {
  readonly path: Path;
  readonly expected: string;
}

/** A check of values that, once passed, are a `T`. */
export interface Shape<T> {
  readonly problem: (value: unknown) => Issue | undefined;
  /** Never there; it carries the type. */
  readonly type?: T;
}

/** The type a shape stands for. */
export type Infer<S> = S extends Shape<infer T> ? T : never;

/** A shape whose key may be absent. */
export interface Optional<T> extends Shape<T> {
  readonly isOptional: true;
}

type Fields = Readonly<Record<string, Shape<unknown>>>;
type OptionalKeys<F extends Fields> = { [K in keyof F]: F[K] extends Optional<unknown> ? K : never }[keyof F];

/** The type of an object: the keys named, and whatever else is there. */
export type ObjectOf<F extends Fields> = { readonly [K in OptionalKeys<F>]?: Infer<F[K]> | undefined } & {
  readonly [K in Exclude<keyof F, OptionalKeys<F>>]: Infer<F[K]>;
} & Readonly<Record<string, unknown>>;

/** A further condition on a value of the right type. */
export interface Condition<T> {
  readonly holds: (value: T) => boolean;
  readonly expected: string;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function basic<T>(
  isType: (value: unknown) => value is T,
  expected: string,
  conditions: readonly Condition<T>[],
): Shape<T> {
  return {
    problem: (value) => {
      if (!isType(value)) return { path: [], expected };
      const broken = conditions.find(({ holds }) => !holds(value));
      return broken === undefined ? undefined : { path: [], expected: broken.expected };
    },
  };
}

/** A text for which all conditions hold. */
export function text(...conditions: readonly Condition<string>[]): Shape<string> {
  return basic((value): value is string => typeof value === 'string', 'a text', conditions);
}

/** A finite number for which all conditions hold. */
export function number(...conditions: readonly Condition<number>[]): Shape<number> {
  return basic((value): value is number => Number.isFinite(value), 'a number', conditions);
}

/** `true` or `false`. */
export function boolean(): Shape<boolean> {
  return basic((value): value is boolean => typeof value === 'boolean', 'true or false', []);
}

/** A text that a regular expression matches. */
export function matching(regexp: RegExp, expected: string): Condition<string> {
  return { holds: (value) => regexp.test(value), expected };
}

/** A whole number between two limits, both included. */
export function between(least: number, most: number, expected: string): Condition<number> {
  return { holds: (value) => Number.isInteger(value) && value >= least && value <= most, expected };
}

/** A list whose elements all are of one shape. */
export function list<T>(element: Shape<T>): Shape<readonly T[]> {
  return {
    problem: (value) => {
      if (!Array.isArray(value)) return { path: [], expected: 'a list' };
      for (const [index, entry] of value.entries()) {
        const issue = element.problem(entry);
        if (issue !== undefined) return { ...issue, path: [index, ...issue.path] };
      }
      return undefined;
    },
  };
}

/** A value that may be absent. */
export function optional<T>(shape: Shape<T>): Optional<T> {
  return {
    isOptional: true,
    problem: (value) => (value === undefined ? undefined : shape.problem(value)),
  };
}

/** An object whose named keys have their shapes; all other keys pass. */
export function object<F extends Fields>(fields: F): Shape<ObjectOf<F>> {
  return {
    problem: (value) => {
      if (!isRecord(value)) return { path: [], expected: 'an object' };
      for (const [key, shape] of Object.entries(fields)) {
        const issue = shape.problem(Object.hasOwn(value, key) ? value[key] : undefined);
        if (issue !== undefined) return { ...issue, path: [key, ...issue.path] };
      }
      return undefined;
    },
  };
}

/** True when a value has a shape. */
export function conforms<T>(shape: Shape<T>, value: unknown): value is T {
  return shape.problem(value) === undefined;
}
