import type { Language } from '../language.ts';
import { EN } from './en.ts';
import { JA } from './ja.ts';
import type { Texts } from './texts.ts';

const TEXTS: Readonly<Record<Language, Texts>> = { en: EN, ja: JA };

export function textsFor(language: Language): Texts {
  return TEXTS[language];
}
