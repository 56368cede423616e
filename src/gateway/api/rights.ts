import { formatAddress } from '../../input/address.ts';
import { isSameText } from '../../sys/secret.ts';
import { PLACES } from '../settings.ts';
import { type Problem } from './answer.ts';
import { isLoopback, isWithin } from './client.ts';
import type { ApiContext, Right } from './context.ts';
import type { Visit } from './visit.ts';

/** Why a request is refused; `undefined` if it may go on. */
export type Verdict = { readonly status: 401 | 403; readonly problem: Problem } | undefined;

function isFrom({ door, client }: Visit, ranges: readonly string[]): boolean {
  if (door === 'own') return true;
  return client !== undefined && (isLoopback(client) || isWithin(client, ranges));
}

/** `Authorization: Bearer …`; `undefined` without one. */
function bearerOf({ request }: Visit): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(request.headers.get('authorization') ?? '')?.[1];
}

function hasToken(context: ApiContext, visit: Visit): boolean {
  const [given, expected] = [bearerOf(visit), context.token()];
  return given !== undefined && expected !== undefined && expected !== '' && isSameText(given, expected);
}

function refused(context: ApiContext, visit: Visit, right: 'read' | 'write'): Verdict {
  const who = visit.client === undefined ? 'a client without an address' : formatAddress(visit.client);
  const key = `api.${right}`;
  if (bearerOf(visit) !== undefined) {
    return {
      status: 401,
      problem: { error: 'wrong token', remedy: `use the one in ${context.settings.api.tokenFile}` },
    };
  }
  const or =
    right === 'write' ? `, send the token of ${context.settings.api.tokenFile}, or ask on this host` : '';
  return {
    status: 403,
    problem: {
      error: 'forbidden',
      details: `${who} is in none of the ranges of "${key}"`,
      remedy: `add its range to "${key}" in ${PLACES.settings}${or}`,
    },
  };
}

/** What a client may do: reading and changing each have their ranges; a token opens both. */
export function judgeRight(context: ApiContext, visit: Visit, right: Right): Verdict {
  if (right === 'open') return undefined;
  const { read, write } = context.settings.api;
  const may = isFrom(visit, right === 'write' ? write : [...read, ...write]) || hasToken(context, visit);
  return may ? undefined : refused(context, visit, right);
}

/**
 * Whether a browser sent this for a page of another site. Addresses and loopback open the API without a password, so a site that
 * a colleague visits must not be able to post here in their name.
 */
export function isCrossSite({ request, host }: Visit): boolean {
  const site = request.headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin' && site !== 'none') return true;
  const origin = request.headers.get('origin');
  if (origin === null) return false;
  const own = host === undefined ? undefined : `${host.name}:${host.port ?? ''}`;
  if (!URL.canParse(origin)) return true;
  const { hostname, port } = new URL(origin);
  return `${hostname.replace(/^\[|\]$/g, '')}:${port}` !== own;
}
