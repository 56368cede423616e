/* As much of JSON Schema as openapi.json has. */

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

function objectProblems(
  schema: Schema,
  value: Readonly<Record<string, unknown>>,
  context: Context,
): readonly string[] {
  const { properties = {}, required = [], additionalProperties = true } = schema;
  const missing = required.filter((key) => !(key in value)).map((key) => `${context.at}.${key}: missing`);
  const others = Object.entries(value).flatMap(([key, one]) => {
    const known = properties[key];
    const at = { ...context, at: `${context.at}.${key}` };
    if (known !== undefined) return problems(known, one, at);
    if (additionalProperties === false) return [`${at.at}: not described`];
    return additionalProperties === true ? [] : problems(additionalProperties, one, at);
  });
  return [...missing, ...others];
}

interface Context {
  readonly schemas: Readonly<Record<string, Schema>>;
  readonly at: string;
}

/** Where a value is not what a schema says; empty if it is. */
export function problems(schema: Schema, value: unknown, context: Context): readonly string[] {
  const { $ref: reference, oneOf, type } = schema;
  if (reference !== undefined) {
    const known = context.schemas[reference.split('/').at(-1)!];
    return known === undefined ? [`${reference}: not there`] : problems(known, value, context);
  }
  if (oneOf !== undefined) {
    const all = oneOf.map((one) => problems(one, value, context));
    return all.some((found) => found.length === 0) ? [] : all.flat();
  }
  const actual = typeOf(value);
  if (type !== undefined && ![type].flat().includes(actual)) {
    return [`${context.at}: ${actual} instead of ${String(type)}`];
  }
  if (schema.enum?.includes(value) === false)
    return [`${context.at}: ${String(value)} is none of the values`];
  if ('const' in schema && schema.const !== value) return [`${context.at}: not ${String(schema.const)}`];
  if (Array.isArray(value) && schema.items !== undefined) {
    const { items } = schema;
    return value.flatMap((one, index) => problems(items, one, { ...context, at: `${context.at}[${index}]` }));
  }
  return actual === 'object' ? objectProblems(schema, value as Record<string, unknown>, context) : [];
}
