import type { PortReason, Refusal, RouteState } from '../model.ts';
import { spanText } from './age.ts';
import type { Language } from './language.ts';

export interface StateDetails {
  readonly since: number;
  readonly now: number;
  readonly exitCode: number | undefined;
}

/** How decisions are worded. */
export interface Words {
  refusal(refusal: Refusal): string;
  portReason(reason: PortReason): string;
  state(state: RouteState, details: StateDetails): string;
}

const EN: Words = {
  refusal: (refusal) => refusal.why,
  portReason: (reason) => reason.by,
  state: (state, { since, now, exitCode }) =>
    `${state} for ${spanText(now - since, 'en')}${exitCode === undefined ? '' : `, exit ${exitCode}`}`,
};

const JA: Words = {
  refusal: (refusal) => refusal.why,
  portReason: (reason) => reason.by,
  state: (state, { since, now, exitCode }) =>
    `${state} ${spanText(now - since, 'ja')}${exitCode === undefined ? '' : `, ${exitCode}`}`,
};

export function wordsFor(language: Language): Words {
  return language === 'ja' ? JA : EN;
}
