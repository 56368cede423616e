import { configError } from '../errors.ts';

/** A value of the configuration, and the path a person finds it at. */
export interface Field {
  readonly key: string;
  readonly value: unknown;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The named member; its value is undefined when it is absent or the parent is no object. JSON `null` counts as absent, and
 * so does an empty text, which Go's encoder writes for what was never set; but a subnet that is empty is a mistake.
 */
export function field(parent: Field, name: string): Field {
  const value = isRecord(parent.value) && Object.hasOwn(parent.value, name) ? parent.value[name] : undefined;
  const isEmpty = value === '' && name !== 'subnet';
  return { key: `${parent.key}.${name}`, value: isEmpty ? undefined : (value ?? undefined) };
}

/** A text, or undefined when absent. Anything else is an error that says `what` is wanted. */
export function textField(source: Field, what: string): string | undefined {
  if (source.value !== undefined && typeof source.value !== 'string') {
    throw configError(source.key, source.value, `it must be text: ${what}`);
  }
  return source.value;
}

/** A switch; off when absent. */
export function flagField(source: Field): boolean {
  if (source.value !== undefined && typeof source.value !== 'boolean') {
    throw configError(source.key, source.value, 'it must be true or false');
  }
  return source.value === true;
}

/** The entries of a list, none when absent. */
export function listField(source: Field, what: string): readonly Field[] {
  if (source.value === undefined || source.value === null) {
    return [];
  }
  if (!Array.isArray(source.value)) {
    throw configError(source.key, source.value, `it must be ${what}`);
  }
  return source.value.map((value: unknown, index) => ({ key: `${source.key}[${index}]`, value }));
}
