import type { Container, Display, Labels, Refusal } from '../model.ts';
import { badLabel, type Form, type LabelValue } from './forms.ts';
import { type Grammar, WEIGHT } from './grammar.ts';
import { PREFIX } from './flatnet-labels.ts';
import type { DisplayKey } from './reading.ts';

/** Control characters, line ends, halves of characters, and marks that turn the direction of what follows. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const ICON_NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;
/** In UTF-16 code units: a flag or a family is one character of up to a dozen. */
const ICON_TEXT_LIMIT = 32;

function text(limit: number, form: Form): Grammar<string> {
  return {
    parse: (value) => {
      const shown = value.length > 4 * limit ? '' : value.trim();
      return shown === '' || UNPRINTABLE.test(shown) || Array.from(shown).length > limit ? undefined : shown;
    },
    form,
  };
}

function parseIcon(value: string): string | undefined {
  if (ICON_NAME.test(value)) return value;
  if (value.trim() === '' || value.length > ICON_TEXT_LIMIT || UNPRINTABLE.test(value)) return undefined;
  const characters = [...new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(value)];
  return characters.length <= 2 ? value : undefined;
}

const NAME = text(80, 'name');
const DESCRIPTION = text(300, 'description');
const ICON: Grammar<string> = { parse: parseIcon, form: 'icon' };

function ofImage(labels: Labels, label: string): readonly LabelValue[] {
  const value = Object.hasOwn(labels, label) ? labels[label] : undefined;
  return value === undefined ? [] : [{ label, value }];
}

/**
 * What is shown of a container: what its owner says, else what its image says, else its name.
 * @param owner labels of the owner, in whatever language.
 */
export function displayOf(
  container: Container,
  owner: ReadonlyMap<DisplayKey, LabelValue>,
): { readonly display: Display; readonly remarks: readonly Refusal[] } {
  const remarks: Refusal[] = [];
  const read = <T>(key: DisplayKey, grammar: Grammar<T>, last?: string): T | undefined => {
    const own = owner.get(key);
    const value = own && grammar.parse(own.value);
    if (own !== undefined && value === undefined) remarks.push(badLabel(own, grammar.form));
    if (value !== undefined || key === 'weight') return value;
    // An image's author is not asked to mend labels: what does not conform is passed over.
    const candidates = [PREFIX + key, ...(last === undefined ? [] : [last])];
    const found = candidates.flatMap((label) => ofImage(container.imageLabels, label));
    return found.map((at) => grammar.parse(at.value)).find((one) => one !== undefined);
  };
  const display: Display = {
    title: read('name', NAME, 'org.opencontainers.image.title') ?? container.name,
    group: read('group', NAME),
    icon: read('icon', ICON),
    description: read('description', DESCRIPTION, 'org.opencontainers.image.description'),
    weight: read('weight', WEIGHT) ?? 0,
  };
  return { display, remarks };
}
