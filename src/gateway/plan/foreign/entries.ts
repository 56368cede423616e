import { hostLabelOf } from '../host-names.ts';
import type { Refusal } from '../../model.ts';
import type { LabelValue } from '../forms.ts';
import type { RawService, ServingKey } from '../reading.ts';

/** Values of a service, of those labels that are there. */
export function valuesOf(
  entries: readonly (readonly [ServingKey, LabelValue | undefined])[],
): ReadonlyMap<ServingKey, LabelValue> {
  return new Map(entries.flatMap(([key, at]) => (at === undefined ? [] : [[key, at] as const])));
}

/** A service of another tool, under that tool's name for it. */
export interface ForeignService {
  readonly name: string;
  readonly values: ReadonlyMap<ServingKey, LabelValue>;
  readonly refusals: readonly Refusal[];
}

/** The first one gets the container's own names, the others a name of their own. */
export function asServices(services: readonly ForeignService[]): readonly RawService[] {
  return services.map(({ name, values, refusals }, index) => ({
    service: index === 0 ? undefined : (hostLabelOf(name)?.slice(0, 32) ?? `service-${index}`),
    values,
    refusals,
  }));
}
