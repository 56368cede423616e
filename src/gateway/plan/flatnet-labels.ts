import { nearest } from '../../input/nearest.ts';
import type { Labels, Refusal } from '../model.ts';
import { badLabel, type LabelValue } from './forms.ts';
import { SERVICE_NAME } from './grammar.ts';
import {
  byText,
  DISPLAY_KEYS,
  type DisplayKey,
  isDisplayKey,
  isServingKey,
  type RawLabels,
  type RawService,
  SERVING_KEYS,
  type ServingKey,
} from './reading.ts';

export const PREFIX = 'flatnet.';
const KNOWN = [...SERVING_KEYS, ...DISPLAY_KEYS];
/** Longer keys are no slip of the finger. */
const MISTYPED_LIMIT = 16;

/** The service without name. */
const UNNAMED = '';

interface Draft {
  readonly values: Map<ServingKey, LabelValue>;
  readonly refusals: Refusal[];
}

interface Drafts {
  readonly services: Map<string, Draft>;
  readonly display: Map<DisplayKey, LabelValue>;
  readonly remarks: Refusal[];
}

function draftOf(drafts: Drafts, service: string): Draft {
  const draft = drafts.services.get(service) ?? { values: new Map(), refusals: [] };
  drafts.services.set(service, draft);
  return draft;
}

/**
 * A label that nobody knows is told of. It stops the service if it looks like one that keeps people out: a mistyped
 * `flatnet.acces` must not leave the door open.
 */
function addUnknown(
  drafts: Drafts,
  at: LabelValue,
  { service, key }: { service: string; key: string },
): void {
  const meant = key.length > MISTYPED_LIMIT ? undefined : nearest(key, KNOWN);
  const refusal = badLabel(
    at,
    'known',
    meant && PREFIX + (service === UNNAMED ? meant : `${service}.${meant}`),
  );
  const guards = meant === 'access' || meant === 'auth' || meant === 'enable';
  (guards ? draftOf(drafts, service).refusals : drafts.remarks).push(refusal);
}

function addLabel(drafts: Drafts, at: LabelValue): void {
  const parts = at.label.slice(PREFIX.length).split('.');
  const key = parts.at(-1) ?? '';
  const service = parts.length === 2 ? (parts[0] ?? '') : UNNAMED;
  if (parts.length > 2) drafts.remarks.push(badLabel(at, 'known'));
  else if (parts.length === 2 && SERVICE_NAME.parse(service) === undefined) {
    drafts.remarks.push(badLabel(at, 'service'));
  } else if (isServingKey(key)) draftOf(drafts, service).values.set(key, at);
  else if (isDisplayKey(key) && service === UNNAMED) drafts.display.set(key, at);
  else addUnknown(drafts, at, { service, key });
}

/** What the labels of a container say, in the language of flatnet: `flatnet.KEY` and `flatnet.SERVICE.KEY`. */
export function readFlatnetLabels(labels: Labels): RawLabels {
  const drafts: Drafts = { services: new Map(), display: new Map(), remarks: [] };
  const own = Object.entries(labels).filter(([label]) => label.startsWith(PREFIX));
  for (const [label, value] of own.sort(([one], [other]) => byText(one, other))) {
    addLabel(drafts, { label, value });
  }
  const sorted = [...drafts.services].sort(([one], [other]) => byText(one, other));
  const services = sorted.map(([service, { values, refusals }]): RawService => {
    return { service: service === UNNAMED ? undefined : service, values, refusals };
  });
  return { services, display: drafts.display, remarks: drafts.remarks };
}

export function hasFlatnetLabel(labels: Labels): boolean {
  return Object.keys(labels).some((label) => label.startsWith(PREFIX));
}
