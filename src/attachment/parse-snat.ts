import { invalidValue } from '../input/parse.ts';
import type { NetworkSpec } from './spec.ts';

/** Keys of the reference portmap plugin. */
export interface SnatKeys {
  readonly snat?: boolean | undefined;
  readonly masqAll?: boolean | undefined;
}

/**
 * Whose connections to published ports take another source address.
 * @param key the name of `masqAll` in messages.
 * @throws FlatnetError where both keys contradict each other.
 */
export function parseSnat(
  { snat = true, masqAll = false }: SnatKeys,
  { key, where }: { readonly key: string; readonly where: string },
): Pick<NetworkSpec, 'snat' | 'masqAll'> {
  if (snat || !masqAll) return { snat, masqAll };
  throw invalidValue(key, true, { expected: 'false beside "snat": false', where });
}
