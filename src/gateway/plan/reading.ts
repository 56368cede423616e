import type { Refusal } from '../model.ts';
import type { LabelValue } from './forms.ts';

/** Labels of flatnet that decide what is served; other tools' labels are read into the same ones. */
export const SERVING_KEYS = [
  'host',
  'port',
  'path',
  'strip',
  'scheme',
  'enable',
  'balance',
  'body-limit',
  'timeout',
  'stream',
  'access',
  'auth',
  'health',
] as const;
export type ServingKey = (typeof SERVING_KEYS)[number];

export const DISPLAY_KEYS = ['name', 'group', 'icon', 'description', 'weight'] as const;
export type DisplayKey = (typeof DISPLAY_KEYS)[number];

export function isServingKey(text: string): text is ServingKey {
  return SERVING_KEYS.some((key) => key === text);
}

export function isDisplayKey(text: string): text is DisplayKey {
  return DISPLAY_KEYS.some((key) => key === text);
}

/** A service as labels describe it, before any value was looked at. */
export interface RawService {
  /** `undefined` for the one that has the container's own names. */
  readonly service: string | undefined;
  readonly values: ReadonlyMap<ServingKey, LabelValue>;
  /** What of it cannot be done; it is not served then. */
  readonly refusals: readonly Refusal[];
}

/** What the labels of a container say, in whatever language. */
export interface RawLabels {
  /** The one without name first, then by name. */
  readonly services: readonly RawService[];
  readonly display: ReadonlyMap<DisplayKey, LabelValue>;
  /** What is wrong without stopping a service. */
  readonly remarks: readonly Refusal[];
}

export const NO_LABELS: RawLabels = { services: [], display: new Map(), remarks: [] };

/** By UTF-16 code units, alike under every locale. */
export function byText(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
