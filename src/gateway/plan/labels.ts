import type { Container } from '../model.ts';
import type { Settings } from '../settings.ts';
import { readForeignLabels } from './foreign/foreign-labels.ts';
import { hasFlatnetLabel, readFlatnetLabels } from './flatnet-labels.ts';
import { badLabel } from './forms.ts';
import type { RawLabels } from './reading.ts';

/** Of one container: more is a mistake, and each becomes a file of nginx. */
const SERVICES_LIMIT = 32;

/**
 * The owner's labels of a container, sorted by services and keys, values still as they were written: those of flatnet, or
 * where it has none of them, those of other tools that the settings name (gateway.md §7.7).
 */
export function readLabels({ labels }: Container, { gateway }: Settings): RawLabels {
  const raw = hasFlatnetLabel(labels)
    ? readFlatnetLabels(labels)
    : readForeignLabels(labels, gateway.foreignLabels);
  const extra = raw.services
    .slice(SERVICES_LIMIT)
    .flatMap(({ values }) => [...values.values()].slice(0, 1))
    .map((at) => badLabel(at, 'fewServices'));
  return { ...raw, services: raw.services.slice(0, SERVICES_LIMIT), remarks: [...raw.remarks, ...extra] };
}
