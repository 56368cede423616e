import type { Labels } from '../../model.ts';
import type { LabelValue } from '../forms.ts';
import { DISPLAY_KEYS, type DisplayKey, NO_LABELS, type RawLabels } from '../reading.ts';

/** Icons are files there (`forgejo.png`); here they are names. */
function iconName(value: string): string {
  return value.replace(/\.(png|svg|webp)$/, '');
}

/** Homepage's labels say how a container is shown, and nothing of how it is served. */
export function readHomepage(labels: Labels): RawLabels {
  const display = new Map<DisplayKey, LabelValue>();
  for (const key of DISPLAY_KEYS) {
    const label = `homepage.${key}`;
    const value = Object.hasOwn(labels, label) ? labels[label] : undefined;
    if (value !== undefined) display.set(key, { label, value: key === 'icon' ? iconName(value) : value });
  }
  return { ...NO_LABELS, display };
}
