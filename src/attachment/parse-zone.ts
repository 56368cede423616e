import { invalidValue } from '../input/parse.ts';
import type { NetworkSpec } from './spec.ts';

/** firewalld's limit: the names of its chains contain the zone's. */
const ZONE = /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,16}$/;

/** How messages name the key. */
export interface ZonePlace {
  readonly key: string;
  readonly where: string;
}

/**
 * The zone of firewalld for the bridge; `undefined` for trusted.
 * @throws FlatnetError for a text that is no name of a zone, and where flatnet leaves firewalld alone.
 */
export function parseZone(
  zone: string | undefined,
  { isGateway, forwardAccept, internal }: Pick<NetworkSpec, 'isGateway' | 'forwardAccept' | 'internal'>,
  { key, where }: ZonePlace,
): string | undefined {
  if (zone === undefined || zone === 'trusted') return undefined;
  const refuse = (expected: string) => invalidValue(key, zone, { expected, where });
  if (!ZONE.test(zone)) {
    throw refuse('the name of a zone of firewalld: at most 17 letters, digits, "_" and "-"');
  }
  if (isGateway && forwardAccept && !internal) return zone;
  throw refuse(
    'no such key: without "forwardAccept", and where nothing is forwarded, the bridge is not put into any zone',
  );
}
