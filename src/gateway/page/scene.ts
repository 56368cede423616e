import type { GatewayStatus } from '../snapshot.ts';
import type { Language } from './language.ts';
import type { Way } from './link.ts';
import { textsFor } from './texts/for.ts';
import type { Texts } from './texts/texts.ts';
import { type Words, wordsFor } from '../words/words.ts';

/** For whom and when a page is made. */
export interface Scene {
  readonly language: Language;
  readonly texts: Texts;
  readonly words: Words;
  readonly way: Way;
  readonly now: number;
  readonly hostName: string;
  readonly version: string;
  readonly hasCertificate: boolean;
}

export function sceneOf(scene: Omit<Scene, 'texts' | 'words'>): Scene {
  return { ...scene, texts: textsFor(scene.language), words: wordsFor(scene.language) };
}

/** Milliseconds: three of the daemon's regular looks at the host. */
const STALE_AFTER = 90_000;

/** How old the last look is if it is too old to be believed; `never` before the first one. */
export function staleness({ runtime }: GatewayStatus, now: number): number | 'never' | undefined {
  if (runtime.reconciledAt === undefined) return 'never';
  const age = now - runtime.reconciledAt;
  return age > STALE_AFTER ? age : undefined;
}
