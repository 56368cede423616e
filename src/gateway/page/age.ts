import type { Language } from './language.ts';

const UNITS = [
  { unit: 'day', seconds: 86_400 },
  { unit: 'hour', seconds: 3_600 },
  { unit: 'minute', seconds: 60 },
  { unit: 'second', seconds: 1 },
] as const;

/** `3 minutes`, `3 分`: the largest unit of a span, whole; at least 0 seconds, for clocks step. */
export function spanText(milliseconds: number, language: Language): string {
  const total = Math.max(0, Math.floor(milliseconds / 1_000));
  const { unit, seconds } = UNITS.find((one) => total >= one.seconds) ?? { unit: 'second', seconds: 1 };
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(
    Math.floor(total / seconds),
  );
}

/** `2026-12-01 06:03 UTC`: unlike a local time, it means the same to everybody who reads it. */
export function dateText(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
