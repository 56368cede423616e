import type { Language } from '../words/words.ts';

export type { Language };

export const LANGUAGES: readonly Language[] = ['en', 'ja'];

/** `ja` of `JA-jp`; `undefined` for a language that the page does not speak. */
function spoken(tag: string): Language | undefined {
  const primary = tag.trim().toLowerCase().split('-')[0];
  return LANGUAGES.find((language) => language === primary);
}

/** A quality of RFC 9110: 1 where none is given, 0 for what is no number. */
function qualityOf(parameters: readonly string[]): number {
  const given = parameters.map((parameter) => /^\s*q=([\d.]+)\s*$/i.exec(parameter)?.[1]).find(Boolean);
  if (given === undefined) return 1;
  const quality = Number(given);
  return Number.isFinite(quality) ? quality : 0;
}

/**
 * @param asked `?lang=`, which goes before the browser's languages.
 * @param accepted the header Accept-Language.
 */
export function languageFor(asked: string | undefined, accepted: string | undefined): Language {
  const chosen = asked === undefined ? undefined : spoken(asked);
  if (chosen !== undefined) return chosen;
  const ranked = (accepted ?? '')
    .split(',', 20)
    .map((entry) => {
      const [tag = '', ...parameters] = entry.split(';');
      return { language: spoken(tag), quality: qualityOf(parameters) };
    })
    .filter(({ quality }) => quality > 0)
    .sort((left, right) => right.quality - left.quality);
  return ranked.find(({ language }) => language !== undefined)?.language ?? 'en';
}
